//! The published figures of the field with their sources, to set one's own beside.
