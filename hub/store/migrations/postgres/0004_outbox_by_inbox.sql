-- What is due is asked by inbox since channels are set up one by one (`outbox_by_inbox`).
DROP INDEX outbox_due;
