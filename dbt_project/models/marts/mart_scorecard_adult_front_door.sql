{{ scorecard('adult_front_door') }}
