{{ scorecard('children_front_door') }}
