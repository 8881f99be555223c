"""Stake: the REST host of stake.bet.br, with Kambi's ids, and the GraphQL answers of stake.com."""
