"""The steps of a rehearsal, in their order. Each builds on those before it."""

from steps import creation, removal, rotation, secrets, tokens, updates

STEPS = (
    creation.a_creation_that_fails,
    creation.the_first_deployment,
    tokens.tokens_and_trusts,
    secrets.a_life,
    updates.an_unchanged_redeployment,
    updates.an_update_that_fails,
    updates.the_same_change_again,
    rotation.the_first_step,
    rotation.the_second_step,
    removal.the_removal,
    removal.the_end,
)
