package console_test

import (
	"testing"
)

func TestABusyServiceIsWaitedForAsItAsksAndTheRestoreIsDoneOnce(t *testing.T) {
	p, _, _ := visitTrash(t)
	p.refuse("POST /v1/secrets/", 1, 503, "7011", "Service Unavailable", "Retry-After", "7")
	p.refuse("POST /v1/secrets/", 1, 429, "7008", "Throttled", "Retry-After", "3")
	p.press("Restore db-password")
	p.sees("The service is busy, and asks to wait 7 seconds. Then it is tried again.", "7 s")
	p.wait(6)
	p.sees("1 s")
	if n := len(p.made("POST /v1/secrets/")); n != 1 {
		t.Errorf("%d tries within six seconds", n)
	}
	p.wait(1)
	p.sees("The service is asked for too much, and asks to wait 3 seconds.")
	p.wait(3)
	p.sees("“db-password” is back")
	p.misses("asks to wait")
	tries := p.made("POST /v1/secrets/")
	if len(tries) != 3 || tries[0].key == "" || tries[0].key != tries[2].key || tries[0].ifMatch != tries[2].ifMatch {
		t.Errorf("%+v: want three tries with one key and one etag", tries)
	}
}

func TestWhoHasWaitedEnoughStops(t *testing.T) {
	p, _, _ := visitTrash(t)
	p.refuse("POST /v1/secrets/", 1, 503, "7011", "Service Unavailable", "Retry-After", "60")
	p.press("Restore db-password")
	p.press("Stop")
	p.sees("“db-password” is not back. You stopped waiting. It may have been done all the same")
	p.misses("asks to wait")
	p.press("Restore db-password")
	p.sees("“db-password” is back")
}

func TestAServiceThatStaysBusyIsToldSoAndTriedAgainOnDemand(t *testing.T) {
	p, _, _ := visitTrash(t)
	p.refuse("POST /v1/secrets/", 5, 503, "7011", "Service Unavailable", "Retry-After", "1")
	p.press("Restore db-password")
	for range 4 {
		p.sees("asks to wait 1 second.")
		p.wait(1)
	}
	p.sees("“db-password” is not back. The service is still busy. Wait a minute, then try again.")
	p.press("Try again")
	p.sees("“db-password” is back")
}

func TestAWaitOfManyMinutesIsLeftToThePerson(t *testing.T) {
	p := visit(t)
	p.enter()
	p.sees("Nothing is in the trash.")
	p.refuse("GET /v1/trash", 1, 429, "7008", "Throttled", "Retry-After", "600")
	p.press("Refresh")
	p.sees("The service is busy, and asks to wait 10 minutes. Try again then.")
	p.press("Try again")
	p.sees("Nothing is in the trash.")
}

func TestABadNetworkIsToldSoAndTheSameActionIsSafeToRepeat(t *testing.T) {
	p, _, _ := visitTrash(t)
	p.seesRows("db-password")
	p.cut("POST /v1/secrets/")
	p.press("Restore db-password")
	p.sees("“db-password” is not back. The service cannot be reached. Check your connection, then try again.")
	p.stop()
	p.press("Try again")
	p.sees("“db-password” is back")
	tries := p.made("POST /v1/secrets/")
	if first, last := tries[0], tries[len(tries)-1]; first.key == "" || first.key != last.key {
		t.Errorf("%+v: want one key", tries)
	}
}

func TestAFailureIsToldSoAndTriedAgainOnDemand(t *testing.T) {
	p := visit(t)
	p.stack.owner().create("db-password")
	p.enter()
	p.refuse("GET /v1/secrets?limit=100", 1, 500, "7009", "Internal Error")
	p.press("Secrets")
	p.sees("The service failed (500). Try again; if it fails again, its log has the cause.")
	p.press("Try again")
	p.seesRows("db-password")
}

func TestAWaitInADialogIsShownInTheDialog(t *testing.T) {
	p := visit(t)
	p.beginSecret()
	p.fill("Name", "db-password")
	p.fill("Value", canary)
	p.refuse("POST /v1/secrets", 1, 503, "7011", "Service Unavailable", "Retry-After", "5")
	p.press("Create")
	p.Wait(`document.querySelector("dialog").innerText.includes("asks to wait 5 seconds")`)
	p.wait(5)
	p.sees("“db-password” is created.")
}
