SELECT v.kind, sum(i.price) FROM visits v JOIN items i USING (visit_id) GROUP BY v.kind
