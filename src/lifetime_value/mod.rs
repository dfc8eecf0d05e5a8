//! What a customer is worth: order value x orders per year x years, exact, and what follows from it.
