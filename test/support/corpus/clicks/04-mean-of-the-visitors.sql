-- refused unit-keys: mean of the visitor's own key
SELECT avg(user_id) FROM hits
