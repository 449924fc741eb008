"""Rules of the desk: what happens to a case by itself when it is opened, when somebody writes, and as time passes."""
