//! Properties and worked examples.
