//! How many customers are still there and how often they will buy again, where nobody says goodbye.
//!
//! A customer of a shop does not resign: whether a silent one has left or only pauses must be inferred. The models here do so from three
//! numbers a customer, their [`PurchaseHistory`]: how often they bought again, when they last did, and how long they have been watched.
//!
//! - The data. [`Transactions`] under [`HistoryRules`] become [`PurchaseHistories`], or a [`CalibrationHoldout`]; a [`PurchaseTally`]
//!   counts equal ones, and merges. Histories that are known come as [`PurchaseHistory`] or in [`PurchaseColumns`], and collapse to the
//!   [`PurchaseTable`] that models are fitted to. [`RfmColumns`] score them by recency, frequency and money without any model, and a
//!   [`SegmentScheme`] names the scores.
//! - The models. [`BgNbd`], [`MbgNbd`], in which one-time buyers may have left too, and [`ParetoNbd`], in which customers leave at any time;
//!   [`BgBb`] for discrete opportunities to buy, such as yearly appeals ([`OpportunityTable`]); [`ShiftedBetaGeometric`] for contracts,
//!   where customers do say goodbye ([`RenewalTable`]); [`GammaGamma`] for what is spent on a purchase ([`SpendTable`]). Each is fitted by
//!   maximum likelihood; the [`Fit`] carries its standard errors and says how it ended ([`FitStatus`]).
//! - What is to be expected of a customer. Their [`BetaGeometricOutlook`], [`ParetoOutlook`] or [`OpportunityOutlook`], from the probability that they
//!   are still there to discounted purchases; the [`SpendOutlook`] for amounts.
//! - What customers are worth. A [`ValueModel`] of a [`TransactionModel`], a [`PurchaseWorth`] and a [`Horizon`] gives the value of each
//!   customer and of the base, with intervals, and what the [simple formula](SimpleFormula) would have said; an
//!   [`OpportunityValueModel`] does so for discrete opportunities, a [`ContractValueModel`] for contracts.
//! - How good a model is. The purchases of the base over time ([`Tracking`]), customers by frequency ([`FrequencyFit`]), each customer's
//!   holdout ([`HoldoutPrediction`]) beside a [`NaiveRule`], and which of several models to use ([`ModelComparison`]).
//!
//! ```
//! use customer_metrics::repeat_buying::{MbgNbd, PurchaseColumns, PurchaseTable};
//!
//! // Repeat purchases, weeks to the last one, weeks watched.
//! let columns = PurchaseColumns::new(
//!     &[2, 1, 0, 0, 4, 7, 0, 1, 0, 3],
//!     &[30.4, 1.7, 0.0, 0.0, 33.9, 29.4, 0.0, 5.0, 0.0, 12.1],
//!     &[38.9, 38.9, 38.9, 35.0, 35.0, 35.0, 31.0, 31.0, 27.0, 27.0],
//! )?;
//! let fit = MbgNbd::fit(&PurchaseTable::from_columns(columns))?;
//! println!("{} after {} steps", fit.status(), fit.iterations());
//! let next_year = fit.model().expected_purchases_column(columns, 52.0)?;
//! assert_eq!(next_year.len(), 10);
//! # Ok::<(), customer_metrics::Error>(())
//! ```
//!
//! What a model itself says is a consequence of its parameters as given, and has no interval. The uncertainty of fitted parameters is carried into
//! the [value of the base](ValueModel::total_estimate) and of [each customer](ValueModel::customer_estimate), and for contracts into
//! [survival](Fit::survival) and [retention](Fit::retention_rate).
//!
//! Time has no unit in the models. Recency, age and horizons are in the same one, days or weeks, and the parameters come out in it; where
//! histories that know their [`PeriodRule`] meet a model, it is asked for.
//!
//! # Which type is which
//!
//! | Type | What it holds | Where it comes from | What it leads to |
//! |---|---|---|---|
//! | [`Transactions`] | borrowed columns: a purchase or a return a row | customers ([`CustomerNumbers`] of texts), days, amounts ([`OwnedFixedColumn`](crate::OwnedFixedColumn) of decimals) | the next three |
//! | [`PurchaseHistories`] | a customer a row, in whole days or periods and exact money | [`Transactions::histories`] | columns, tables, tallies and scores, for every model of purchases and spend |
//! | [`CalibrationHoldout`] | the same until a day, and what each customer did after it | [`Transactions::calibration_and_holdout`] | [`HoldoutPrediction`] |
//! | [`PurchaseTrack`] | when customers came and bought again, without saying who | [`Transactions::purchase_track`] | [`Tracking`] |
//! | [`CountedHistory`] | one customer, in whole days or periods | a row of [`PurchaseHistories`] | [`PurchaseTally`], which counts it, or [`PurchaseHistory`] |
//! | [`PurchaseTally`] | equal [`CountedHistory`]s counted: merges exactly, has an encoding | [`PurchaseTally::from_histories`] | [`PurchaseTable`], [`OpportunityTable`] |
//! | [`HistoryColumns`] | a customer a row, in periods, with the mean of the repeat spend | [`PurchaseHistories::columns`] | the next three and [`SpendTable`], all of the same rows |
//! | [`PurchaseColumns`] | borrowed columns of frequency, recency and age; one of its rows is a [`PurchaseHistory`] | columns at hand, or [`HistoryColumns`] | predictions for each customer |
//! | [`PurchaseTable`] | equal [`PurchaseHistory`]s, with the number of customers who have each | columns, histories or tallies | fits of [`BgNbd`], [`MbgNbd`] and [`ParetoNbd`] |
//! | [`CustomerBase`] | [`PurchaseColumns`] beside what each customer spent | [`HistoryColumns`], or columns at hand | values by a [`ValueModel`] |
//! | [`SpendTable`] | equal [`SpendHistory`]s: purchases and their mean spend | [`HistoryColumns`], or columns at hand | fits of [`GammaGamma`] |
//! | [`OpportunityTable`] | equal [`OpportunityHistory`]s: opportunities taken, the last of them, and how many there were | [`PurchaseHistories::opportunity_table`] in whole periods | fits of [`BgBb`] |
//! | [`RenewalTable`] | lost and kept by period of tenure | counts, or a [`LifeTable`](crate::survival::LifeTable) | fits of [`ShiftedBetaGeometric`] |
//! | [`RfmColumns`] | borrowed columns of steps since the last purchase, all purchases, and money | columns at hand; [`PurchaseHistories::rfm_scores`] does without | [`RfmScores`] |
//!
//! # From transactions to a value
//!
//! ```
//! use customer_metrics::lifetime_value::DiscountRate;
//! use customer_metrics::repeat_buying::{
//!     ContinuousRate, CustomerNumbers, GammaGamma, Horizon, HistoryRules, MbgNbd, PeriodLength, PeriodRule, PurchaseWorth, ReturnRule, SpendBasis,
//!     Transactions, UnpaidRule, ValueModel,
//! };
//! use customer_metrics::{Decimal, MinorUnit, OwnedFixedColumn, Proportion};
//!
//! # let text = include_str!("../../examples/data/cdnow_sample.csv");
//! # let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').map(str::trim).collect()).collect();
//! # let ids: Vec<&str> = rows.iter().map(|row| row[1]).collect();
//! # let first = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
//! # let day = |date: &str| {
//! #     let [year, month, day] = [&date[..4], &date[4..6], &date[6..]].map(|part| part.parse::<i32>().unwrap());
//! #     (year - 1997) * 365 + first[month as usize - 1] + day - 1
//! # };
//! # let days: Vec<i32> = rows.iter().map(|row| day(row[2])).collect();
//! # let amounts: Vec<Decimal> = rows.iter().map(|row| row[4].parse().unwrap()).collect();
//! // Three columns of CDNOW: who, on which day since 1 January 1997, and for how much, as decimals.
//! let customers = CustomerNumbers::from_ids(&ids)?;
//! let amounts = OwnedFixedColumn::from_amounts(MinorUnit::CENT, &amounts)?;
//! let transactions = Transactions::new(customers.numbers(), &days, &amounts)?;
//!
//! // Histories until the end of 30 June 1998, in weeks; whose repeat purchases cost nothing has no known spend.
//! let rules = HistoryRules::new(545, PeriodRule::Elapsed(PeriodLength::WEEK), ReturnRule::Refuse)?;
//! let histories = transactions.histories(&rules)?;
//! let columns = histories.columns(UnpaidRule::Drop)?;
//!
//! let purchases = MbgNbd::fit(&columns.purchase_table())?;
//! let spend = GammaGamma::fit(&columns.spend_table())?;
//! let worth = PurchaseWorth::from_fitted_spend(&spend, SpendBasis::Customer, Proportion::from_percent(30.into())?);
//! // The next 52 weeks, at 15% a year.
//! let horizon = Horizon::within(52.0, ContinuousRate::from_annual(DiscountRate::from_percent(15.into())?, PeriodLength::WEEK))?;
//! let values = ValueModel::fitted(&purchases, worth, horizon)?.values(&columns.customer_base())?;
//!
//! let best = values.top(1)[0];
//! let number = histories.customer_numbers()[best.row()];
//! println!("customer {}: {}", customers.id(number).unwrap_or("?"), best.amount(MinorUnit::CENT)?);
//! assert_eq!((histories.customers(), values.total(MinorUnit::CENT)?.round()), (2_357, Decimal::from(19_958)));
//! # Ok::<(), customer_metrics::Error>(())
//! ```

mod beta_geometric;
mod beta_geometric_slopes;
mod bg_bb;
mod bg_bb_likelihood;
#[cfg(feature = "simulation")]
mod bg_bb_simulation;
mod bg_nbd;
#[cfg(feature = "jiff")]
mod calendar;
mod continuous_rate;
mod contract_value;
mod customer_base;
mod customer_numbers;
mod customer_values;
mod discounted_columns;
mod discounting;
mod eigen;
mod exponential_table;
mod fit;
mod fit_options;
mod fit_status;
mod frequency_fit;
mod gamma_gamma;
mod gamma_gamma_likelihood;
mod history;
mod history_columns;
mod history_holdout;
mod history_purchases;
mod history_rows;
mod history_rules;
mod history_tally;
mod holdout_prediction;
mod horizon;
mod interpolation;
mod lifetime_estimate;
mod maximum;
mod mbg_nbd;
mod model_comparison;
mod naive_rule;
mod openings;
mod opportunity_history;
mod opportunity_outlook;
mod opportunity_table;
mod opportunity_value;
mod outlook;
mod parallel;
mod parameters;
mod pareto_gamma;
mod pareto_nbd;
mod pareto_outlook;
mod period;
mod prediction_columns;
mod purchase_columns;
mod purchase_estimate;
mod purchase_history;
mod purchase_model;
mod purchase_table;
mod purchase_track;
mod purchase_worth;
#[cfg(feature = "simulation")]
mod renewal_simulation;
mod renewal_table;
mod retention_estimate;
mod rfm;
mod rfm_rule;
mod sample;
mod search;
mod segment;
mod shifted_beta_geometric;
mod simple_formula;
#[cfg(feature = "simulation")]
mod simulation;
mod sloped;
mod spend_estimate;
mod spend_history;
mod spend_outlook;
#[cfg(feature = "simulation")]
mod spend_simulation;
mod spend_table;
mod tracking;
mod transaction_model;
mod transactions;
mod unordered_sum;
#[cfg(feature = "simulation")]
mod value_bootstrap;
mod value_interval;
mod value_model;
mod value_table;

pub use bg_bb::BgBb;
pub use bg_nbd::BgNbd;
#[cfg(feature = "jiff")]
pub use calendar::{date_of_day, day_number, first_of_month, month_number, year_number};
pub use continuous_rate::ContinuousRate;
pub use contract_value::ContractValueModel;
pub use customer_base::CustomerBase;
pub use customer_numbers::CustomerNumbers;
pub use customer_values::{CustomerValues, RankedCustomer};
pub use fit::Fit;
pub use fit_options::{FitOptions, Penalty};
pub use fit_status::{FitStatus, Limit, ParameterLimit};
pub use frequency_fit::{FrequencyCell, FrequencyFit, ParameterOrigin};
pub use gamma_gamma::GammaGamma;
pub use history::{CountedHistory, LeftOut, PurchaseHistories};
pub use history_columns::HistoryColumns;
pub use history_holdout::{CalibrationHoldout, Newcomers};
pub use history_rules::{HistoryRules, ReturnRule};
pub use history_tally::PurchaseTally;
pub use holdout_prediction::{HoldoutColumns, HoldoutPrediction, PredictionAccuracy, PredictionGroup};
pub use horizon::Horizon;
pub use mbg_nbd::MbgNbd;
pub use model_comparison::{Candidate, InformationCriterion, ModelComparison, RankedModel};
pub use naive_rule::NaiveRule;
pub use opportunity_history::OpportunityHistory;
pub use opportunity_outlook::{NextOpportunity, OpportunityOutlook};
pub use opportunity_table::OpportunityTable;
pub use opportunity_value::OpportunityValueModel;
pub use outlook::BetaGeometricOutlook;
pub use parameters::Model;
pub use pareto_nbd::ParetoNbd;
pub use pareto_outlook::ParetoOutlook;
pub use period::{PeriodLength, PeriodRule, WholePeriods};
pub use purchase_columns::PurchaseColumns;
pub use purchase_history::PurchaseHistory;
pub use purchase_table::PurchaseTable;
pub use purchase_track::PurchaseTrack;
pub use purchase_worth::{PurchaseWorth, SpendBasis};
pub use renewal_table::{RenewalCounts, RenewalTable};
pub use rfm::{RfmColumns, RfmRules, RfmScore, RfmScores};
pub use rfm_rule::{ScoreRule, TieRule};
pub use segment::{SegmentRule, SegmentScheme, SegmentSummary};
pub use shifted_beta_geometric::ShiftedBetaGeometric;
pub use simple_formula::SimpleFormula;
pub use spend_history::SpendHistory;
pub use spend_outlook::SpendOutlook;
pub use spend_table::{SpendTable, UnpaidRule};
pub use tracking::{TrackedPart, Tracking, TrackingPoint};
pub use transaction_model::TransactionModel;
pub use transactions::{CustomerColumn, Transactions};
#[cfg(feature = "simulation")]
pub use value_bootstrap::BootstrapValue;
pub use value_model::ValueModel;
