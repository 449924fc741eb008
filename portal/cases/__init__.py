"""Cases: requests of clients to support, from opening to closing."""
