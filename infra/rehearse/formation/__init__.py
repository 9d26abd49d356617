"""CloudFormation for the stacks of a rehearsal: parameters, change sets, updates, rollbacks and removals.

It creates nothing itself: package kinds calls the API of each service.
"""
