"""What later features may use of the texts that a provider can word itself."""

from portal.tenants import phrasebook as phrasebook
