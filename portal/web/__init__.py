"""Flask glue: guards, the current context, fragments, errors, security headers, template globals."""
