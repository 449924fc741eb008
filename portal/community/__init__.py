"""The community: spaces in which customers ask and answer each other, and in which support watches."""
