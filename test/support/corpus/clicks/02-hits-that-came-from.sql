-- accepted: hits that came from an advert
SELECT count(*) FROM hits WHERE advert <> 0
