"""The account and the region that a rehearsal plays."""

ACCOUNT = "123456789012"  # moto's own
REGION = "eu-central-1"
