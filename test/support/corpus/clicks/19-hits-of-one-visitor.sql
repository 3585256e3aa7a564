-- refused rows: hits of one visitor
SELECT user_id FROM hits WHERE user_id = 100
