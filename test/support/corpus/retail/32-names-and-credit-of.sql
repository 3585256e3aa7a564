-- refused rows: names and credit of shoppers of a town
SELECT name, credit FROM shoppers WHERE town = 'Ashford' ORDER BY name LIMIT 100
