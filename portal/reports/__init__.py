"""Reports over several features: what customers wait for, what they say, and what help articles spare."""
