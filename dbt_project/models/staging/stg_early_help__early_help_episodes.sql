{{ rows_in_force(source('early_help', 'early_help_episodes'), key=['early_help_episode_key', 'child_key']) }}
