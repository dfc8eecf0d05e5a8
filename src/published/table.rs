//! The table of the figures, in the order of the collection.

use super::Document::{Doc000, Doc001, Doc002, Doc003, Doc004};
use super::Topic::{
    ChurnReasons, Communication, ComplaintIceberg, ComplaintOutcome, Expectations, LifetimeValue, RetentionEconomics, Satisfaction,
    Segmentation, ServiceAndGrowth, ServiceRecovery, WordOfMouth,
};
use super::misprint::{garbled, suspected_lost_tilde, wrong_result};
use super::value::{pair, range, single};
use super::{Figure, Question, Unit};

/// One constant per row, and the list of all: `NAME = "id", "statement", figure;`
macro_rules! figures {
    ($($name:ident = $id:literal, $statement:literal, $figure:expr;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $statement, ".")]
            pub const $name: Figure = $figure.named($id, $statement);
        )*

        /// Every figure, in the order of the collection.
        pub static FIGURES: &[Figure] = &[$($name),*];

        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

figures! {
    // Complaint outcome.
    RETENTION_SILENT = "retention.silent", "customers with a big problem who did not complain and buy again",
        Figure::of(ComplaintOutcome, single(9, 2), Unit::Share, &[Doc000, Doc003], "9%")
            .noted("doc-000 credits McKinsey; doc-003 prints the complement too (91% leave)");
    RETENTION_UNRESOLVED = "retention.unresolved",
        "customers who complained and buy again whatever the result (000) / complaint not resolved (003)",
        Figure::of(ComplaintOutcome, single(19, 2), Unit::Share, &[Doc000, Doc003], "19%")
            .noted("doc-003: 81% leave");
    RETENTION_RESOLVED = "retention.resolved", "complaint resolved to satisfaction - buy again",
        Figure::of(ComplaintOutcome, single(54, 2), Unit::Share, &[Doc000, Doc003], "54%")
            .noted("doc-003: 46% leave")
            .on(Question::BuyAgainAfterResolution);
    RETENTION_RESOLVED_QUICKLY = "retention.resolved_quickly", "complaint resolved quickly and to satisfaction - buy again",
        Figure::of(ComplaintOutcome, single(82, 2), Unit::Share, &[Doc000, Doc003], "82%")
            .noted("doc-003: 18% leave")
            .on(Question::BuyAgainAfterQuickResolution);
    RETENTION_RESOLVED_B = "retention.resolved.b", "complainants whose problem is resolved who stay",
        Figure::of(ComplaintOutcome, single(60, 2), Unit::Share, &[Doc000, Doc004], "60%")
            .noted("second family of figures - printed beside the first in doc-000")
            .on(Question::BuyAgainAfterResolution);
    RETENTION_RESOLVED_QUICKLY_B = "retention.resolved_quickly.b", "complainants resolved quickly who stay",
        Figure::of(ComplaintOutcome, range(90, 95, 2), Unit::Share, &[Doc000, Doc004], "90-95%")
            .noted("range lost its tilde in doc-000")
            .on(Question::BuyAgainAfterQuickResolution)
            .tilde_lost(None);
    RETENTION_NO_COMPLAINT_SATISFIED_C = "retention.no_complaint_satisfied.c", "satisfied customers without a complaint who come back",
        Figure::of(ComplaintOutcome, single(20, 2), Unit::Share, &[Doc001], "about 20%")
            .noted("third family");
    RETENTION_RESOLVED_FAIRLY_C = "retention.resolved_fairly.c", "complainants given a fair solution who come back",
        Figure::of(ComplaintOutcome, single(98, 2), Unit::Share, &[Doc001], "98%")
            .noted("third family")
            .on(Question::BuyAgainAfterResolution);
    RETENTION_LIFT_COMPLAINING = "retention.lift.complaining", "willingness to buy again of complainers over silent",
        Figure::of(ComplaintOutcome, single(2, 0), Unit::Ratio, &[Doc000], "doubles (19%:9%)")
            .noted("exact 19/9 = 2.111");
    RETENTION_LIFT_QUICK = "retention.lift.quick", "resolved quickly over resolved",
        Figure::of(ComplaintOutcome, single(15_185, 4), Unit::Ratio, &[Doc000], "82%:54%")
            .noted("exact 82/54");
    LOYALTY_RECOVERED = "loyalty.recovered",
        "loyalty of a customer whose problem was solved over one who never had a problem (service recovery paradox)",
        Figure::of(ComplaintOutcome, single(2, 0), Unit::Ratio, &[Doc003], "often 2 times")
            .noted("doc-000 states the direction without a figure");
    // Complaint iceberg.
    ICEBERG_DISSATISFIED_PER_COMPLAINT = "iceberg.dissatisfied_per_complaint", "dissatisfied customers behind one complaint",
        Figure::of(ComplaintIceberg, single(25, 0), Unit::Customers, &[Doc000, Doc004], "25")
            .noted("the complainer plus 24 silent ones in the original saying")
            .on(Question::DissatisfiedPerComplaint);
    ICEBERG_SILENT_PER_COMPLAINT = "iceberg.silent_per_complaint", "dissatisfied but silent customers behind one complaint",
        Figure::of(ComplaintIceberg, single(24, 0), Unit::Customers, &[Doc000, Doc004], "24");
    ICEBERG_SERIOUS_SILENT_PER_COMPLAINT = "iceberg.serious_silent_per_complaint", "of them with a serious problem",
        Figure::of(ComplaintIceberg, single(6, 0), Unit::Customers, &[Doc000, Doc004], "6");
    ICEBERG_DISSATISFIED_PER_COMPLAINT_B = "iceberg.dissatisfied_per_complaint.b", "other dissatisfied customers behind one complaint",
        Figure::of(ComplaintIceberg, single(20, 0), Unit::Customers, &[Doc001], "20")
            .noted("disagrees with 25")
            .on(Question::DissatisfiedPerComplaint);
    ICEBERG_COMPLAINT_SHARE = "iceberg.complaint_share", "share of all customers who come to complain",
        Figure::of(ComplaintIceberg, range(5, 10, 2), Unit::Share, &[Doc001], "5%-10%");
    ICEBERG_REPORT_RATE = "iceberg.report_rate", "customers with a problem who tell the supplier",
        Figure::of(ComplaintIceberg, range(0, 5, 1), Unit::Share, &[Doc003], "fewer than half");
    ICEBERG_DEFECT_SHARE = "iceberg.defect_share", "dissatisfied shoppers who go elsewhere",
        Figure::of(ComplaintIceberg, single(70, 2), Unit::Share, &[Doc000], "70%");
    // Word of mouth.
    WOM_NEGATIVE = "wom.negative", "people told by one dissatisfied customer",
        Figure::of(WordOfMouth, range(10, 20, 0), Unit::People, &[Doc000, Doc004], "10-20")
            .noted("range lost its tilde in doc-000")
            .on(Question::PeopleToldOfTheBad)
            .tilde_lost(None);
    WOM_NEGATIVE_B = "wom.negative.b", "people told by one customer with a problem",
        Figure::of(WordOfMouth, single(16, 0), Unit::People, &[Doc003], "up to 16")
            .on(Question::PeopleToldOfTheBad);
    WOM_NEGATIVE_C = "wom.negative.c", "people told by one very dissatisfied customer",
        Figure::of(WordOfMouth, single(20, 0), Unit::People, &[Doc001], "20")
            .on(Question::PeopleToldOfTheBad);
    WOM_POSITIVE = "wom.positive", "people told by one satisfied customer",
        Figure::of(WordOfMouth, range(1, 5, 0), Unit::People, &[Doc000], "15")
            .noted("the tilde is lost in the print: 1-5")
            .tilde_lost(Some(single(15, 0)));
    WOM_REFERRALS = "wom.referrals", "new customers brought by 100 satisfied ones",
        Figure::of(WordOfMouth, single(25, 0), Unit::CustomersPerHundred, &[Doc000], "25")
            .on(Question::CustomersBroughtByOthers);
    WOM_REFERRALS_B = "wom.referrals.b", "new customers brought by 100 satisfied ones",
        Figure::of(WordOfMouth, single(15, 0), Unit::CustomersPerHundred, &[Doc001], "15")
            .noted("disagrees with 25")
            .on(Question::CustomersBroughtByOthers);
    WOM_NEW_FROM_REFERRAL = "wom.new_from_referral", "share of new customers that existing ones recommended",
        Figure::of(WordOfMouth, single(60, 2), Unit::Share, &[Doc000], "60%");
    // Retention economics.
    ACQUISITION_COST_RATIO_A = "acquisition.cost_ratio.a", "cost of winning a customer over keeping one",
        Figure::of(RetentionEconomics, range(5, 6, 0), Unit::Ratio, &[Doc000], "56 times")
            .noted("tilde lost: 5-6")
            .on(Question::CostOfWinningOverKeeping)
            .tilde_lost(Some(single(56, 0)));
    ACQUISITION_COST_RATIO_B = "acquisition.cost_ratio.b", "cost of winning a customer over keeping one",
        Figure::of(RetentionEconomics, range(5, 7, 0), Unit::Ratio, &[Doc001], "5-7 times")
            .on(Question::CostOfWinningOverKeeping);
    ACQUISITION_COST_RATIO_C = "acquisition.cost_ratio.c", "cost of winning a customer over keeping one",
        Figure::of(RetentionEconomics, single(6, 0), Unit::Ratio, &[Doc004], "6")
            .on(Question::CostOfWinningOverKeeping);
    ACQUISITION_COST_RATIO_D = "acquisition.cost_ratio.d", "cost of winning a customer over keeping one",
        Figure::of(RetentionEconomics, single(15, 0), Unit::Ratio, &[Doc003], "15 times")
            .noted("that print loses tildes elsewhere: 1-5 may be meant")
            .on(Question::CostOfWinningOverKeeping)
            .misprinted(suspected_lost_tilde(single(15, 0), range(1, 5, 0), Unit::Ratio));
    ACQUISITION_REPLACEMENTS_PER_LOSS = "acquisition.replacements_per_loss", "new customers needed to make good the loss of an old one",
        Figure::of(RetentionEconomics, single(10, 0), Unit::Customers, &[Doc000, Doc001], "10");
    ACQUISITION_COST = "acquisition.cost", "cost of winning one new customer",
        Figure::of(RetentionEconomics, single(10_000, 0), Unit::Yuan, &[Doc000], "10000 yuan")
            .noted("illustration");
    PROFIT_RETENTION_5PT_REVENUE = "profit.retention_5pt.revenue", "5% of customers becoming repeat customers doubles revenue",
        Figure::of(RetentionEconomics, single(2, 0), Unit::Ratio, &[Doc000], "doubles");
    PROFIT_RETENTION_5PT_PROFIT = "profit.retention_5pt.profit", "profit growth from 5 points more loyalty",
        Figure::of(RetentionEconomics, range(25, 85, 2), Unit::Share, &[Doc001], "25%-85%")
            .noted("Reichheld and Sasser's range");
    PROFIT_LOYALTY_MULTIPLE = "profit.loyalty_multiple", "profit growth from higher loyalty",
        Figure::of(RetentionEconomics, range(5, 17, 0), Unit::Ratio, &[Doc001], "5-17 times");
    PROFIT_REPEAT_SHARE = "profit.repeat_share", "share of profit that repeat customers bring",
        Figure::of(RetentionEconomics, range(50, 80, 2), Unit::Share, &[Doc001], "50%-80%");
    SALES_EXISTING_SHARE = "sales.existing_share", "share of sales from existing customers",
        Figure::of(RetentionEconomics, single(80, 2), Unit::Share, &[Doc000], "80%");
    SALES_LOYAL_MULTIPLE = "sales.loyal_multiple", "a loyal customer's purchases over one purchase",
        Figure::of(RetentionEconomics, single(10, 0), Unit::Ratio, &[Doc000], "10 times");
    PROFIT_SERVICE_PROBLEMS_REMOVED = "profit.service_problems_removed", "profit within five years of removing all service problems",
        Figure::of(RetentionEconomics, single(2, 0), Unit::Ratio, &[Doc003], "doubles in five years");
    // Service and growth.
    GROWTH_HIGH_SERVICE_SALES = "growth.high_service.sales", "mean yearly growth of companies that satisfy",
        Figure::of(ServiceAndGrowth, single(12, 2), Unit::SharePerYear, &[Doc000], "12%");
    GROWTH_HIGH_SERVICE_SHARE = "growth.high_service.share", "market share change of companies that satisfy",
        Figure::of(ServiceAndGrowth, single(6, 2), Unit::Share, &[Doc000], "+6%");
    GROWTH_LOW_SERVICE_SALES = "growth.low_service.sales", "mean yearly growth of companies with poor service",
        Figure::of(ServiceAndGrowth, single(1, 2), Unit::SharePerYear, &[Doc000], "1%");
    GROWTH_LOW_SERVICE_SHARE = "growth.low_service.share", "market share change of companies with poor service",
        Figure::of(ServiceAndGrowth, single(-2, 2), Unit::Share, &[Doc000], "-2%");
    // Churn reasons.
    CHURN_REASON_DEATH = "churn.reason.death", "died",
        Figure::of(ChurnReasons, single(1, 2), Unit::Share, &[Doc000], "1%");
    CHURN_REASON_MOVED = "churn.reason.moved", "moved away",
        Figure::of(ChurnReasons, single(3, 2), Unit::Share, &[Doc000, Doc004], "3%");
    CHURN_REASON_PREFERENCE = "churn.reason.preference", "tastes changed naturally",
        Figure::of(ChurnReasons, single(4, 2), Unit::Share, &[Doc000, Doc004], "4%");
    CHURN_REASON_FRIENDS = "churn.reason.friends", "changed company on friends' advice",
        Figure::of(ChurnReasons, single(5, 2), Unit::Share, &[Doc000], "5%");
    CHURN_REASON_COMPETITION = "churn.reason.competition", "competition (000) / cheaper elsewhere (004)",
        Figure::of(ChurnReasons, single(9, 2), Unit::Share, &[Doc000, Doc004], "9%");
    CHURN_REASON_PRODUCT = "churn.reason.product", "dissatisfied with the product",
        Figure::of(ChurnReasons, single(10, 2), Unit::Share, &[Doc000, Doc004], "10%");
    CHURN_REASON_INDIFFERENCE = "churn.reason.indifference", "indifference of the people who served them",
        Figure::of(ChurnReasons, single(68, 2), Unit::Share, &[Doc000], "68%")
            .noted("the seven shares sum to 1");
    // Service recovery.
    RECOVERY_POSITIVES_PER_NEGATIVE = "recovery.positives_per_negative", "good impressions needed to undo a bad one",
        Figure::of(ServiceRecovery, single(12, 0), Unit::Impressions, &[Doc001], "12");
    RECOVERY_EXTRA_COST = "recovery.extra_cost", "extra cost of repairing a first bad impression",
        Figure::of(ServiceRecovery, range(25, 50, 2), Unit::Share, &[Doc001], "25%-50%");
    RECOVERY_ON_THE_SPOT = "recovery.on_the_spot", "customers who will not be angry if the problem is solved on the spot",
        Figure::of(ServiceRecovery, single(95, 2), Unit::Share, &[Doc001], "95%");
    // Satisfaction.
    SATISFACTION_INDUSTRY_RANGE = "satisfaction.industry_range", "usual customer satisfaction across industries",
        Figure::of(Satisfaction, range(20, 70, 2), Unit::Share, &[Doc003], "20%-70%");
    SATISFACTION_TOP_BOX = "satisfaction.top_box", "CSAT = share of 4 and 5 answers on the 1-5 scale among all answers",
        Figure::of(Satisfaction, range(4, 5, 0), Unit::Score, &[Doc002], "4-5")
            .noted("1 very dissatisfied .. 5 very satisfied");
    SATISFACTION_LOYALTY_CORRELATION = "satisfaction.loyalty_correlation", "correlation of satisfaction and loyalty",
        Figure::of(Satisfaction, single(13, 2), Unit::PearsonR, &[Doc002], "0.13")
            .noted("credited to Gartner");
    SATISFACTION_PARADOX = "satisfaction.paradox", "CSAT above 90% beside a repeat rate below 30%",
        Figure::of(Satisfaction, pair(90, 30, 2), Unit::SharePair, &[Doc002], ">90% / <30%");
    // Expectations.
    PREFERENCE_SERVICE_OVER_PRICE = "preference.service_over_price", "customers who put service above price",
        Figure::of(Expectations, single(55, 2), Unit::Share, &[Doc003], "55%");
    PREFERENCE_BETTER_THAN_5_YEARS_AGO = "preference.better_than_5_years_ago", "customers asking for better service than five years ago",
        Figure::of(Expectations, single(90, 2), Unit::Share, &[Doc003], "90%");
    PREFERENCE_WOULD_SWITCH = "preference.would_switch", "of them who would change supplier",
        Figure::of(Expectations, single(60, 2), Unit::Share, &[Doc003], "over 60%");
    PREFERENCE_AVOID_POOR = "preference.avoid_poor", "customers who avoid companies with poor service",
        Figure::of(Expectations, single(90, 2), Unit::Share, &[Doc001], "90%");
    PREFERENCE_SEEK_GOOD = "preference.seek_good", "customers who look for companies with good service",
        Figure::of(Expectations, single(80, 2), Unit::Share, &[Doc001], "80%");
    PREFERENCE_PAY_MORE = "preference.pay_more", "customers who pay more for good service",
        Figure::of(Expectations, single(20, 2), Unit::Share, &[Doc001], "20%");
    // Segmentation.
    SEGMENTATION_PARETO = "segmentation.pareto", "share of customers that earns the main effort",
        Figure::of(Segmentation, pair(20, 80, 2), Unit::SharePair, &[Doc003], "20/80");
    SUPPLIER_CONCENTRATION = "supplier.concentration", "Dell: 75% of material from 30 suppliers and 20% from 20 more",
        Figure::of(Segmentation, pair(75, 95, 2), Unit::Share, &[Doc001], "75% + 20%")
            .noted("a worked case of concentration");
    // Lifetime value.
    LTV_CASE1 = "ltv.case1", "10 yuan x 10 a year x 1 year",
        Figure::of(LifetimeValue, single(100, 0), Unit::Yuan, &[Doc003], "100")
            .noted("print garbles the order value")
            .misprinted(garbled("order value", single(10, 0), Unit::Yuan));
    LTV_CASE2 = "ltv.case2", "10 yuan x 10 a year x 10 years",
        Figure::of(LifetimeValue, single(1000, 0), Unit::Yuan, &[Doc003], "1000")
            .noted("growth over case 1: 900%");
    LTV_CASE3 = "ltv.case3", "each factor of case 2 up 10%: 11 x 11 x 11",
        Figure::of(LifetimeValue, single(1331, 0), Unit::Yuan, &[Doc003], "1331")
            .noted("gain over case 1 = 1231 = growth of 1231%; the print says 1331%: an error in the source")
            .misprinted(wrong_result("growth over case 1", single(1331, 2), single(1231, 2), Unit::Share));
    LTV_SUPERMARKET = "ltv.supermarket", "100 yuan a week x 52 x 40 years",
        Figure::of(LifetimeValue, single(208_000, 0), Unit::Yuan, &[Doc003], "208000")
            .noted("the same page prints a loss of 2000000: an error in the source")
            .misprinted(wrong_result("value of the customer that is lost", single(2_000_000, 0), single(208_000, 0), Unit::Yuan));
    // Communication.
    ATTENTION_CONCEPTS = "attention.concepts", "concepts a customer takes in at once",
        Figure::of(Communication, single(6, 0), Unit::Concepts, &[Doc000], "6");
    ATTENTION_PHONE = "attention.phone", "absorbed by telephone",
        Figure::of(Communication, single(20, 2), Unit::Share, &[Doc000], "20%");
    ATTENTION_FACE_TO_FACE = "attention.face_to_face", "absorbed face to face",
        Figure::of(Communication, single(50, 2), Unit::Share, &[Doc000], "50%");
    ATTENTION_PARTICIPATING = "attention.participating", "absorbed when the customer takes part",
        Figure::of(Communication, single(70, 2), Unit::Share, &[Doc000], "70%");
    ATTENTION_WORDS = "attention.words", "impression from words",
        Figure::of(Communication, single(7, 2), Unit::Share, &[Doc000], "7%");
    ATTENTION_TONE = "attention.tone", "impression from tone",
        Figure::of(Communication, single(38, 2), Unit::Share, &[Doc000], "38%");
    ATTENTION_BODY = "attention.body", "impression from body language",
        Figure::of(Communication, single(55, 2), Unit::Share, &[Doc000], "55%")
            .noted("the three sum to 1");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_is_named_after_its_id() {
        assert_eq!(NAMES.len(), FIGURES.len());
        for (name, figure) in NAMES.iter().zip(FIGURES) {
            assert_eq!(*name, figure.id().to_uppercase().replace('.', "_"));
        }
    }
}
