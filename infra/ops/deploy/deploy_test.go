package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"keepsake/infra/ops/internal/account/accounttest"
)

// stub plays SAM: it writes its arguments down, keeps the file of parameters, and builds two functions, one of them
// out of the file source.
const stub = `#!/bin/sh
PATH=/usr/bin:/bin
echo "$*" >>calls
case $1 in
build)
  echo "ARCH=$ARCH MAKEFLAGS=$MAKEFLAGS" >>calls
  mkdir -p .aws-sam/build/GetSecretFunction .aws-sam/build/DeleteSecretFunction
  cp source .aws-sam/build/GetSecretFunction/bootstrap
  echo "deletes" >.aws-sam/build/DeleteSecretFunction/bootstrap
  ;;
deploy)
  for last; do :; done
  file=${last#file://}
  cp "$file" parameters
  ls -l "$file" | cut -c 1-10 >mode
  echo "$file" >path
  ;;
esac
cat said
exit "$(cat exit)"
`

const declaring = `
Globals:
  Function:
    Architectures: [!Ref Architecture]
    AutoPublishAlias: live
    DeploymentPreference: {Type: !Ref DeploymentType, Role: !GetAtt Role.Arn}
    Environment: {Variables: {ORIGIN_KEY: !Ref OriginKey, ORIGIN_KEY_NEXT: !Ref OriginKeyNext}}
Parameters:
  OriginKey: {Type: String, NoEcho: true}
  OriginKeyNext: {Type: String, NoEcho: true}
  OriginKeyInUse: {Type: String, Default: OriginKey}
  GetSecretRelease: {Type: String}
  DeleteSecretRelease: {Type: String}
  RetentionDays: {Type: Number, Default: 30, MinValue: 1, MaxValue: 365}
  LogRetentionDays: {Type: Number, Default: 90, AllowedValues: [30, 90]}
  AlarmEmail: {Type: String, Default: "", AllowedPattern: '^([^\s@]+@[^\s@]+)?$', MaxLength: 20}
  ReserveConcurrency: {Type: String, Default: "true"}
  DeploymentType: {Type: String, Default: AllAtOnce}
  Architecture: {Type: String, Default: arm64}
Resources:
  Table: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: pk, KeyType: HASH}]}}
  GetSecretFunction:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishCodeSha256: !Ref GetSecretRelease
      Environment: {Variables: {SECRETS_TABLE: !Ref Table}}
      Events: {Route: {Type: HttpApi, Properties: {Method: GET, Path: "/v1/secrets/{id}"}}}
  DeleteSecretFunction:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishCodeSha256: !Ref DeleteSecretRelease
      Environment: {Variables: {RETENTION: !Sub "${RetentionDays}d"}}
  Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [!Ref AlarmEmail]}}
  Lost: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Nothing}}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub "${AWS::StackName}-${AWS::Region}-undelete-secret"}}
`

// made is the change set that the stub makes.
const made = "arn:aws:cloudformation:eu-central-1:123456789012:changeSet/samcli-deploy1764185692/c0ffee"

// field is a checkout with a stub of SAM on the PATH, and an account to deploy to.
type field struct {
	t      *testing.T
	aws    *accounttest.Account
	waited *atomic.Int32
}

func stage(t *testing.T) field {
	t.Helper()
	t.Chdir(t.TempDir())
	f := field{t, accounttest.Start(t), new(atomic.Int32)}
	f.write(templatePath, declaring, 0o600)
	f.write("source", "a function", 0o600)
	f.write("exit", "0", 0o600)
	f.write("bin/sam", stub, 0o700)
	t.Setenv("PATH", f.path("bin"))
	t.Setenv("SAM", "")
	t.Setenv("STACK", "keepsake")
	t.Setenv("YES", "1")
	f.write("said", "many lines\nChangeset created successfully. "+made+"\n", 0o600)
	f.aws.ChangeSets[made] = []accounttest.Change{{Action: "Add", ID: "SecretsTable", Type: "AWS::DynamoDB::Table"}}
	f.executed(func() { f.deployed(f.parameters()) })
	return f
}

// executed makes CloudFormation do this if the change set is executed.
func (f field) executed(do func()) {
	f.aws.OnExecute = func() {
		f.aws.Events = append(f.aws.Events, accounttest.Event{ID: "keepsake", Type: "AWS::CloudFormation::Stack", Status: "UPDATE_IN_PROGRESS"})
		do()
	}
}

// deployed makes the stack what it is after a deployment with these parameters. It keeps the others.
func (f field) deployed(parameters map[string]string) {
	has := map[string]string{"Architecture": "arm64", "RetentionDays": "30", "ReserveConcurrency": "true"}
	maps.Copy(has, f.aws.Stacks[os.Getenv("STACK")].Parameters)
	for name, value := range parameters {
		if name == "OriginKey" || name == "OriginKeyNext" {
			value = "****"
		}
		has[name] = value
	}
	f.aws.Stacks[os.Getenv("STACK")] = accounttest.Stack{Outputs: map[string]string{"BaseUrl": "https://d1.cloudfront.net/v1"}, Parameters: has}
}

func (f field) path(name string) string {
	f.t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		f.t.Fatal(err)
	}
	return path
}

func (f field) write(name, text string, mode os.FileMode) {
	f.t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		f.t.Fatal(err)
	}
}

func (f field) read(name string) string {
	f.t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		f.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// parameters returns those that SAM was given last.
func (f field) parameters() map[string]string {
	f.t.Helper()
	out := map[string]string{}
	if err := json.Unmarshal([]byte(f.read("parameters")), &out); err != nil {
		f.t.Fatal(err)
	}
	return out
}

// deploy deploys with these variables besides, without a terminal, and returns what was printed.
func (f field) deploy(pairs ...string) (string, error) {
	f.t.Helper()
	return f.deployFrom(console{in: strings.NewReader("")}, pairs...)
}

func (f field) deployFrom(person console, pairs ...string) (string, error) {
	f.t.Helper()
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		f.t.Setenv(name, value)
	}
	var out strings.Builder
	person.out = &out
	err := deploy(f.t.Context(), os.LookupEnv, person, f.wait)
	return out.String(), err
}

// wait does not wait. It ends a deployment that never ends.
func (f field) wait(ctx context.Context, _ time.Duration) error {
	f.waited.Add(1)
	if f.waited.Load() > 100 {
		return errors.New("it has waited a hundred times")
	}
	return ctx.Err()
}

func (f field) must(pairs ...string) string {
	f.t.Helper()
	out, err := f.deploy(pairs...)
	if err != nil {
		f.t.Fatalf("%v: %v", pairs, err)
	}
	return out
}

// refused checks that there is one line which begins with want, and that SAM was not called.
func (f field) refused(want string, pairs ...string) {
	f.t.Helper()
	_, err := f.deploy(pairs...)
	if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		f.t.Errorf("%v: error %v, want one line that begins with %s", pairs, err, want)
	}
	if _, err := os.Stat("calls"); err == nil {
		f.t.Errorf("%v: sam was called: %s", pairs, f.read("calls"))
	}
}

func TestAFirstDeploymentMakesTheKeyAndShowsItToNobody(t *testing.T) {
	f := stage(t)
	out := f.must("MAKEFLAGS=-j2", "PARAMS=RetentionDays=14")
	given := f.parameters()
	if !regexp.MustCompile(`^[0-9A-Za-z]{32,128}$`).MatchString(given["OriginKey"]) {
		t.Errorf("the key has %d characters", len(given["OriginKey"]))
	}
	if strings.Contains(out+f.read("calls"), given["OriginKey"]) {
		t.Error("the key is printed, or in sam's arguments")
	}
	if mode := f.read("mode"); mode != "-rw-------" {
		t.Errorf("the file with the key has mode %s", mode)
	}
	if _, err := os.Stat(f.read("path")); !os.IsNotExist(err) {
		t.Errorf("the file with the key is left behind: %v", err)
	}
	if given["Architecture"] != "arm64" || given["RetentionDays"] != "14" || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(given["GetSecretRelease"]) {
		t.Errorf("Architecture %s, RetentionDays %s, GetSecretRelease %s", given["Architecture"], given["RetentionDays"], given["GetSecretRelease"])
	}
	if _, has := given["ReserveConcurrency"]; has {
		t.Error("ReserveConcurrency is not left to the template, though there is enough")
	}
}

func TestSAMIsAskedToBuildHereAndToMakeAChangeSet(t *testing.T) {
	f := stage(t)
	out := f.must("MAKEFLAGS=-j2")
	want := `build --build-in-source --template-file template.yaml --build-dir .aws-sam/build --parameter-overrides Architecture=arm64
ARCH=arm64 MAKEFLAGS=
deploy --no-execute-changeset --template-file .aws-sam/build/template.yaml --stack-name keepsake --region eu-central-1 --capabilities CAPABILITY_NAMED_IAM --resolve-s3 --no-fail-on-empty-changeset --parameter-overrides file://` + f.read("path")
	if got := f.read("calls"); got != want {
		t.Errorf("sam was called\n%s\nwant\n%s", got, want)
	}
	for _, word := range []string{"In eu-central-1, as " + accounttest.Caller + ": a new stack.", "keepsake is at https://d1.cloudfront.net/v1", "make -s token STACK=keepsake WORKSPACE=ws_x", "make smoke URL=https://d1.cloudfront.net/v1\n"} {
		if !strings.Contains(out, word) {
			t.Errorf("it printed %q, want %q in it", out, word)
		}
	}
}

func TestALaterDeploymentSaysOnlyWhatIsNew(t *testing.T) {
	f := stage(t)
	f.must()
	f.must("ARCH=x86_64", "PARAMS=RetentionDays=7")
	given := f.parameters()
	if given["Architecture"] != "x86_64" || given["RetentionDays"] != "7" || len(given) != 4 || given["GetSecretRelease"] == "" || given["DeleteSecretRelease"] == "" {
		delete(given, "OriginKey")
		t.Errorf("sam was given %v", given)
	}
	f.must("ARCH=", "PARAMS=")
	if kept := f.parameters(); kept["Architecture"] != "x86_64" || strings.Count(f.read("calls"), "\nARCH=x86_64 ") != 2 {
		t.Errorf("the processor is %s, and sam was called %s", kept["Architecture"], f.read("calls"))
	}
}

// keys returns the parameters about origin keys that SAM was given last, with other letters for keys.
func (f field) keys() string {
	f.t.Helper()
	var out []string
	for name, value := range f.parameters() {
		switch {
		case name == "OriginKeyInUse":
			out = append(out, name+"="+value)
		case strings.HasPrefix(name, "OriginKey") && len(value) == 52:
			out = append(out, name+"=new")
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// At each step one thing changes: what the functions accept, or what CloudFront shows.
func TestAKeyIsChangedInTwoStepsOfWhichEachChangesOneThing(t *testing.T) {
	f := stage(t)
	for _, step := range []struct{ rotate, keys, published, note string }{
		{"", "OriginKey=new OriginKeyNext=new", both, "a new stack"},
		{"", "", "", ""},
		{"1", "OriginKeyNext=new", both, "Then deploy with ROTATE_ORIGIN_KEY=2"},
		{"2", "OriginKeyInUse=OriginKeyNext", "", "If that one has leaked, deploy with ROTATE_ORIGIN_KEY=1 again"},
		{"", "", "", ""},
		{"1", "OriginKey=new", both, "Then deploy with ROTATE_ORIGIN_KEY=2"},
		{"2", "OriginKeyInUse=OriginKey", "", ""},
		{"", "", "", ""},
	} {
		before := f.releases()
		out := f.must("ROTATE_ORIGIN_KEY=" + step.rotate)
		if got := f.keys(); got != step.keys {
			t.Errorf("step %q sets %q, want %q", step.rotate, got, step.keys)
		}
		if got := f.changed(before); got != step.published {
			t.Errorf("step %q publishes %q, want %q", step.rotate, got, step.published)
		}
		if !strings.Contains(out, step.note) || strings.Contains(out, "ROTATE") != (step.rotate != "") {
			t.Errorf("step %q printed %q, want %q in it", step.rotate, out, step.note)
		}
	}
}

func TestCloudFrontIsNotToldToShowAKeyThatNoFunctionHas(t *testing.T) {
	f := stage(t)
	f.deployed(map[string]string{"OriginKey": "****"}) // by a release with one key
	f.refused("ROTATE_ORIGIN_KEY=2: the functions do not have the next key yet: deploy with ROTATE_ORIGIN_KEY=1 first", "ROTATE_ORIGIN_KEY=2")
}

func TestAStackThatWasNeverCreatedGetsItsKeys(t *testing.T) {
	f := stage(t)
	f.aws.Stacks["keepsake"] = accounttest.Stack{Status: "REVIEW_IN_PROGRESS"} // only a change set, which nobody has executed
	if out := f.must(); !strings.Contains(out, ": a new stack.") {
		t.Errorf("it printed %q", out)
	}
	if got := f.keys(); got != "OriginKey=new OriginKeyNext=new" {
		t.Errorf("it sets %q", got)
	}
}

// releases returns the release of each function of the stack.
func (f field) releases() map[string]string {
	f.t.Helper()
	has := f.aws.Stacks["keepsake"].Parameters
	return map[string]string{"get-secret": has["GetSecretRelease"], "delete-secret": has["DeleteSecretRelease"]}
}

// published deploys, and returns the functions that get a new version. SAM names a version by ten digits of the release.
func (f field) published(pairs ...string) string {
	f.t.Helper()
	before := f.releases()
	f.must(pairs...)
	return f.changed(before)
}

// changed returns the functions whose versions have other names than before.
func (f field) changed(before map[string]string) string {
	f.t.Helper()
	var names []string
	for name, release := range f.releases() {
		if before[name] == "" || release[:10] != before[name][:10] {
			names = append(names, name)
		} else if release != before[name] {
			f.t.Errorf("%s has another release and the same version", name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

const both = "delete-secret get-secret"

func TestAFunctionIsPublishedIfAndOnlyIfSomethingOfItHasChanged(t *testing.T) {
	f := stage(t)
	again := func(what, want string, pairs ...string) {
		t.Helper()
		if got := f.published(pairs...); got != want {
			t.Errorf("%s: published %q, want %q", what, got, want)
		}
	}
	edit := func(what, old, fresh, want string) {
		t.Helper()
		text := f.read(templatePath)
		if strings.Count(text, old) != 1 {
			t.Fatalf("%q is not in the template once", old)
		}
		f.write(templatePath, strings.Replace(text, old, fresh, 1), 0o600)
		again(what, want)
	}
	again("the first deployment", both)
	again("nothing new", "")
	again("a setting of one function", "delete-secret", "PARAMS=RetentionDays=7")
	again("the same setting, left out", "", "PARAMS=")
	again("what no function gets", "", "PARAMS=AlarmEmail=ada@example.com DeploymentType=Canary10Percent5Minutes")
	f.write("source", "another function", 0o600)
	again("another binary", "get-secret", "PARAMS=")
	again("another processor", both, "ARCH=x86_64")
	again("another key", both, "ROTATE_ORIGIN_KEY=1")
	again("the same key", "", "ROTATE_ORIGIN_KEY=")
	again("still the same key", "")
	edit("a route", "Method: GET", "Method: POST", "")
	edit("the table that one function names", "AttributeName: pk", "AttributeName: id", "get-secret")
	edit("a setting of all functions", "AutoPublishAlias: live", "AutoPublishAlias: live\n    MemorySize: 512", both)
}

// Lambda keeps the versions of a deployment that was taken back. The same change is another release the next time.
func TestAChangeThatWasRolledBackIsAnotherReleaseTheNextTime(t *testing.T) {
	f := stage(t)
	f.must()
	before := f.releases()["get-secret"]
	stack := f.aws.Stacks["keepsake"]
	f.write("source", "another function", 0o600)
	f.must()
	first := f.releases()["get-secret"]
	f.aws.Stacks["keepsake"] = stack // an alarm has sounded
	f.must()
	second := f.parameters()["GetSecretRelease"]
	if second == "" || second[:10] == first[:10] || second[:10] == before[:10] {
		t.Errorf("the release was %s, then %s, which was taken back, then %s", before, first, second)
	}
}

func TestIfNothingCanBeReservedNothingIsReserved(t *testing.T) {
	f := stage(t)
	f.aws.Concurrency = 10
	if out := f.must(); !strings.Contains(out, "ReserveConcurrency=false: this account has 10 unreserved ") {
		t.Errorf("it printed %q", out)
	}
	if got := f.parameters()["ReserveConcurrency"]; got != "false" {
		t.Errorf("ReserveConcurrency is %q", got)
	}
	f.must() // the stack keeps what it has
	if got, has := f.parameters()["ReserveConcurrency"]; has {
		t.Errorf("the second time it is %q", got)
	}
}

func TestAReservationThatPARAMSAsksForIsKept(t *testing.T) {
	f := stage(t)
	f.aws.Concurrency = 10
	f.must("PARAMS=ReserveConcurrency=true")
	if got := f.parameters()["ReserveConcurrency"]; got != "true" {
		t.Errorf("ReserveConcurrency is %q", got)
	}
}

func TestAWrongSettingIsOneLineThatNamesTheVariable(t *testing.T) {
	f := stage(t)
	f.refused("PARAMS: the template has no parameter RetentionDay: choose from AlarmEmail, DeploymentType, LogRetentionDays, ReserveConcurrency, RetentionDays", "PARAMS=RetentionDay=14")
	f.refused(`PARAMS: "14" is not Name=value`, "PARAMS=RetentionDays=7 14")
	f.refused("PARAMS: OriginKey cannot be set here: the first deployment makes the keys", "PARAMS=OriginKey=x")
	f.refused("PARAMS: GetSecretRelease cannot be set here: it follows", "PARAMS=GetSecretRelease=0")
	f.refused("PARAMS: Architecture cannot be set here: ARCH=", "PARAMS=Architecture=x86_64")
	f.refused(`ARCH: "amd64" is not allowed: choose arm64 or x86_64`, "PARAMS=", "ARCH=amd64")
	f.refused(`YES: "yes" is not allowed: set it to 1`, "ARCH=", "YES=yes")
	f.refused(`CHANGESET: "keep" is not allowed: set it to only`, "YES=1", "CHANGESET=keep")
	f.refused(`ROTATE_ORIGIN_KEY: "3" is not allowed: set it to 1, and at the next deployment to 2`, "CHANGESET=", "ROTATE_ORIGIN_KEY=3")
	f.refused("there is no terminal to ask on", "YES=", "ROTATE_ORIGIN_KEY=")
	f.refused(`STACK: "keep_sake" cannot name a stack`, "STACK=keep_sake")
	f.refused("STACK is not set", "STACK=")
}

func TestAValueOutOfItsBoundsIsRefusedBeforeTheBuild(t *testing.T) {
	f := stage(t)
	for params, want := range map[string]string{
		"RetentionDays=0":                         "PARAMS: RetentionDays: 0 is too small: choose 1 or more",
		"RetentionDays=366":                       "PARAMS: RetentionDays: 366 is too large: choose 365 or less",
		"RetentionDays=30d":                       `PARAMS: RetentionDays: "30d" is not a number`,
		"LogRetentionDays=31":                     `PARAMS: LogRetentionDays: "31" is not allowed: choose 30 or 90`,
		"AlarmEmail=ada":                          `PARAMS: AlarmEmail: "ada" is not allowed: it must match`,
		"AlarmEmail=ada@a-very-long.example.test": "PARAMS: AlarmEmail: it is too long: it must have 20 characters or fewer",
	} {
		f.refused(want, "PARAMS="+params)
	}
	f.must("PARAMS=RetentionDays=365 LogRetentionDays=30 AlarmEmail=ada@example.com")
}

func TestAStackWhoseNameLeavesNoRoomForItsRolesIsRefused(t *testing.T) {
	f := stage(t)
	name := strings.Repeat("k", 64-len("-eu-central-1-undelete-secret"))
	f.refused(`STACK: "`+name+`k" is too long by 1`, "STACK="+name+"k")
	f.must("STACK=" + name)
}

func TestWhatWouldEndTheDeploymentLaterEndsItAtOnce(t *testing.T) {
	f := stage(t)
	for status, want := range map[string]string{
		"ROLLBACK_COMPLETE":      "the stack keepsake is ROLLBACK_COMPLETE and cannot be updated",
		"UPDATE_ROLLBACK_FAILED": "the stack keepsake is UPDATE_ROLLBACK_FAILED: first run aws cloudformation continue-update-rollback --stack-name keepsake",
		"UPDATE_IN_PROGRESS":     "the stack keepsake is UPDATE_IN_PROGRESS: wait until the other deployment is done",
	} {
		f.aws.Stacks["keepsake"] = accounttest.Stack{Status: status}
		f.refused(want)
	}
	f.aws.Refusals["sts:GetCallerIdentity"] = accounttest.Refusal{Status: 403, Code: "ExpiredToken", Message: "expired"}
	f.refused("the AWS session has expired")
	f.refused("there is no AWS region", "AWS_REGION=")
}

func TestAMissingParameterIsNamedBeforeTheBuild(t *testing.T) {
	f := stage(t)
	f.write(templatePath, strings.Replace(declaring, "Resources:", "  Owner: {Type: String}\nResources:", 1), 0o600)
	f.refused("PARAMS: Owner is missing and has no default: add a value")
	f.must("PARAMS=Owner=ada")
}

func TestAKeyThatSAMWouldPrintIsNotHandedOver(t *testing.T) {
	f := stage(t)
	f.write(templatePath, strings.Replace(declaring, ", NoEcho: true", "", 1), 0o600)
	f.refused("template.yaml: OriginKey must be NoEcho")
}

func TestWhatSAMCannotDoIsNotTakenForDone(t *testing.T) {
	f := stage(t)
	f.write("exit", "1", 0o600)
	_, err := f.deploy()
	if err == nil || !strings.HasPrefix(err.Error(), "sam build failed (exit status 1); it said:\nmany lines") {
		t.Errorf("error %v", err)
	}
	if strings.Contains(f.read("calls"), "deploy") {
		t.Error("what was not built was deployed")
	}
}

func TestSAMIsTheOneThatIsNamedOrTheProjectsOwn(t *testing.T) {
	f := stage(t)
	const broken = "#!/bin/sh\nexit 7\n"
	f.write("bin/sam", broken, 0o700) // on the PATH
	f.write(".local/tools/sam-1.170.0/bin/sam", stub, 0o700)
	f.must()
	f.write(".local/tools/sam-1.170.0/bin/sam", broken, 0o700)
	f.write("mine", stub, 0o700)
	f.must("SAM=" + f.path("mine"))
}

func TestSAMIsFetchedIfThereIsNone(t *testing.T) {
	f := stage(t)
	f.refused("there is no SAM CLI, and infra/sam/install cannot fetch one", "PATH=/nowhere")
	f.refused("SAM: there is no program mine: ", "SAM=mine")
	f.write("mine", stub, 0o700)
	f.write("infra/sam/install", "#!/bin/sh\necho progress\necho "+f.path("mine")+"\n", 0o700)
	if out := f.must("SAM="); !strings.Contains(out, "Fetching SAM into .local/tools") {
		t.Errorf("it printed %q", out)
	}
}
