-- What a consumer has done, for handlers whose effect is rows and not events: written in the transaction of the effect.
CREATE TABLE messaging.processed_message (
  consumer     text NOT NULL,
  message_id   text NOT NULL,
  processed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, message_id)
);
