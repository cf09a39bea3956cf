-- The tables of Kolibri 0.19.5 and of the Morango in it, as its migrations leave them.

CREATE TABLE "analytics_localnotification" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "key" varchar(50) NOT NULL UNIQUE,
  "created_at" datetime NOT NULL
);

CREATE TABLE "analytics_pingbacknotification" (
  "id" varchar(50) NOT NULL PRIMARY KEY,
  "version_range" varchar(50) NOT NULL,
  "timestamp" date NOT NULL,
  "link_url" varchar(150) NOT NULL,
  "i18n" text NOT NULL,
  "active" bool NOT NULL,
  "source" varchar(20) NOT NULL
);

CREATE TABLE "analytics_pingbacknotificationdismissed" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "notification_id" varchar(50) NOT NULL REFERENCES "analytics_pingbacknotification" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "attendance_attendancerecord" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "present" bool NOT NULL,
  "attendance_session_id" char(32) NOT NULL REFERENCES "attendance_attendancesession" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "attendance_attendancesession" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "session_start_datetime" varchar NOT NULL,
  "date_created" varchar NOT NULL,
  "date_modified" varchar NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "created_by_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "auth_group" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "name" varchar(150) NOT NULL UNIQUE
);

CREATE TABLE "auth_group_permissions" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED,
  "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "auth_permission" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "content_type_id" integer NOT NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED,
  "codename" varchar(100) NOT NULL,
  "name" varchar(255) NOT NULL
);

CREATE TABLE "bookmarks_bookmark" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "content_id" char(32) NULL,
  "channel_id" char(32) NULL,
  "contentnode_id" char(32) NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "created" datetime NOT NULL
);

CREATE TABLE "content_assessmentmetadata" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "assessment_item_ids" text NOT NULL,
  "number_of_assessments" integer NOT NULL,
  "mastery_model" text NOT NULL,
  "randomize" bool NOT NULL,
  "is_manipulable" bool NOT NULL,
  "contentnode_id" char(32) NOT NULL REFERENCES "content_contentnode" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "content_channelmetadata" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "name" varchar(200) NOT NULL,
  "description" varchar(400) NOT NULL,
  "author" varchar(400) NOT NULL,
  "version" integer NOT NULL,
  "thumbnail" text NOT NULL,
  "last_updated" varchar NULL,
  "min_schema_version" varchar(50) NOT NULL,
  "root_id" char(32) NOT NULL REFERENCES "content_contentnode" ("id") DEFERRABLE INITIALLY DEFERRED,
  "published_size" bigint NULL,
  "total_resource_count" integer NULL,
  "order" integer unsigned NULL CHECK ("order" >= 0),
  "public" bool NULL,
  "tagline" varchar(150) NULL,
  "partial" bool NULL,
  "included_categories" text NULL,
  "included_grade_levels" text NULL,
  "library" varchar(50) NULL
);

CREATE TABLE "content_channelmetadata_included_languages" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "sort_value" integer NOT NULL,
  "channelmetadata_id" char(32) NOT NULL REFERENCES "content_channelmetadata" ("id") DEFERRABLE INITIALLY DEFERRED,
  "language_id" varchar(14) NOT NULL REFERENCES "content_language" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "content_contentnode" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "title" varchar(200) NOT NULL,
  "content_id" char(32) NOT NULL,
  "channel_id" char(32) NOT NULL,
  "description" text NULL,
  "sort_order" real NULL,
  "license_owner" varchar(200) NOT NULL,
  "author" varchar(200) NOT NULL,
  "kind" varchar(200) NOT NULL,
  "available" bool NOT NULL,
  "lft" integer unsigned NOT NULL CHECK ("lft" >= 0),
  "rght" integer unsigned NOT NULL CHECK ("rght" >= 0),
  "tree_id" integer unsigned NOT NULL CHECK ("tree_id" >= 0),
  "level" integer unsigned NOT NULL CHECK ("level" >= 0),
  "lang_id" varchar(14) NULL REFERENCES "content_language" ("id") DEFERRABLE INITIALLY DEFERRED,
  "license_description" text NULL,
  "license_name" varchar(50) NULL,
  "coach_content" bool NOT NULL,
  "num_coach_contents" integer NULL,
  "on_device_resources" integer NULL,
  "options" text NULL,
  "accessibility_labels" text NULL,
  "categories" text NULL,
  "duration" integer unsigned NULL CHECK ("duration" >= 0),
  "grade_levels" text NULL,
  "learner_needs" text NULL,
  "learning_activities" text NULL,
  "resource_types" text NULL,
  "accessibility_labels_bitmask_0" bigint NULL,
  "categories_bitmask_0" bigint NULL,
  "grade_levels_bitmask_0" bigint NULL,
  "learner_needs_bitmask_0" bigint NULL,
  "learning_activities_bitmask_0" bigint NULL,
  "ancestors" text NULL,
  "admin_imported" bool NULL,
  "modality" varchar(50) NULL,
  "parent_id" char(32) NULL REFERENCES "content_contentnode" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "content_contentnode_has_prerequisite" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "from_contentnode_id" char(32) NOT NULL REFERENCES "content_contentnode" ("id") DEFERRABLE INITIALLY DEFERRED,
  "to_contentnode_id" char(32) NOT NULL REFERENCES "content_contentnode" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "content_contentnode_related" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "from_contentnode_id" char(32) NOT NULL REFERENCES "content_contentnode" ("id") DEFERRABLE INITIALLY DEFERRED,
  "to_contentnode_id" char(32) NOT NULL REFERENCES "content_contentnode" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "content_contentnode_tags" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "contentnode_id" char(32) NOT NULL REFERENCES "content_contentnode" ("id") DEFERRABLE INITIALLY DEFERRED,
  "contenttag_id" char(32) NOT NULL REFERENCES "content_contenttag" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "content_contentrequest" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "source_model" varchar(40) NOT NULL,
  "source_id" char(32) NOT NULL,
  "requested_at" varchar NOT NULL,
  "type" varchar(8) NOT NULL,
  "reason" varchar(14) NOT NULL,
  "status" varchar(11) NOT NULL,
  "contentnode_id" char(32) NOT NULL,
  "metadata" text NULL,
  "facility_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "source_instance_id" char(32) NULL,
  "priority" integer NULL,
  "channel_version" integer NULL
);

CREATE TABLE "content_contenttag" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "tag_name" varchar(30) NOT NULL
);

CREATE TABLE "content_file" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "supplementary" bool NOT NULL,
  "thumbnail" bool NOT NULL,
  "priority" integer NULL,
  "contentnode_id" char(32) NOT NULL REFERENCES "content_contentnode" ("id") DEFERRABLE INITIALLY DEFERRED,
  "lang_id" varchar(14) NULL REFERENCES "content_language" ("id") DEFERRABLE INITIALLY DEFERRED,
  "local_file_id" varchar(32) NOT NULL REFERENCES "content_localfile" ("id") DEFERRABLE INITIALLY DEFERRED,
  "preset" varchar(150) NOT NULL
);

CREATE TABLE "content_language" (
  "id" varchar(14) NOT NULL PRIMARY KEY,
  "lang_code" varchar(3) NOT NULL,
  "lang_subcode" varchar(10) NULL,
  "lang_name" varchar(100) NULL,
  "lang_direction" varchar(3) NOT NULL
);

CREATE TABLE "content_localfile" (
  "id" varchar(32) NOT NULL PRIMARY KEY,
  "available" bool NOT NULL,
  "file_size" integer NULL,
  "extension" varchar(40) NOT NULL
);

CREATE TABLE "courses_coursesession" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "course" char(32) NOT NULL,
  "title" varchar(200) NOT NULL,
  "description" text NULL,
  "is_active" bool NOT NULL,
  "date_created" varchar NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "created_by_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "channel_version" integer NULL
);

CREATE TABLE "courses_coursesessionassignment" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "assigned_by_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "course_session_id" char(32) NOT NULL REFERENCES "courses_coursesession" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "courses_unittestassignment" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "unit_contentnode_id" char(32) NOT NULL,
  "test_type" varchar(10) NOT NULL,
  "activated_by_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "course_session_id" char(32) NOT NULL REFERENCES "courses_coursesession" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "closed" bool NOT NULL
);

CREATE TABLE "device_contentcachekey" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "key" integer NOT NULL
);

CREATE TABLE "device_deviceappkey" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "key" char(32) NOT NULL
);

CREATE TABLE "device_devicepermissions" (
  "user_id" char(32) NOT NULL PRIMARY KEY REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "is_superuser" bool NOT NULL,
  "can_manage_content" bool NOT NULL
);

CREATE TABLE "device_devicesettings" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "is_provisioned" bool NOT NULL,
  "language_id" varchar(15) NULL,
  "default_facility_id" char(32) NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "allow_guest_access" bool NOT NULL,
  "allow_learner_unassigned_resource_access" bool NOT NULL,
  "allow_peer_unlisted_channel_import" bool NOT NULL,
  "landing_page" varchar(7) NOT NULL,
  "name" varchar(50) NOT NULL,
  "allow_other_browsers_to_connect" bool NOT NULL,
  "subset_of_users_device" bool NOT NULL,
  "extra_settings" text NOT NULL
);

CREATE TABLE "device_learnerdevicestatus" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "instance_id" char(32) NOT NULL,
  "created_at" datetime NOT NULL,
  "updated_at" datetime NOT NULL,
  "status" varchar(32) NOT NULL,
  "status_sentiment" integer NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "device_osuser" (
  "user_id" char(32) NOT NULL PRIMARY KEY REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "os_username" varchar(64) NOT NULL
);

CREATE TABLE "device_sqlitelock" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT
);

CREATE TABLE "device_usersyncstatus" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "sync_session_id" char(32) NULL REFERENCES "morango_syncsession" ("id") DEFERRABLE INITIALLY DEFERRED,
  "status" varchar(20) NOT NULL,
  "updated" datetime NOT NULL,
  "user_id" char(32) NOT NULL UNIQUE REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "discovery_pinneddevice" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "instance_id" char(32) NOT NULL,
  "created" datetime NOT NULL,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "django_content_type" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "app_label" varchar(100) NOT NULL,
  "model" varchar(100) NOT NULL
);

CREATE TABLE "django_migrations" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "app" varchar(255) NOT NULL,
  "name" varchar(255) NOT NULL,
  "applied" datetime NOT NULL
);

CREATE TABLE "exams_draftexam" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "title" varchar(200) NOT NULL,
  "question_count" integer NOT NULL,
  "question_sources" text NOT NULL,
  "seed" integer NOT NULL,
  "learners_see_fixed_order" bool NOT NULL,
  "data_model_version" smallint NOT NULL,
  "date_created" datetime NULL,
  "assignments" text NOT NULL,
  "learner_ids" text NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "creator_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "instant_report_visibility" bool NULL
);

CREATE TABLE "exams_exam" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "title" varchar(200) NOT NULL,
  "question_count" integer NOT NULL,
  "question_sources" text NOT NULL,
  "seed" integer NOT NULL,
  "active" bool NOT NULL,
  "archive" bool NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "creator_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "data_model_version" smallint NOT NULL,
  "learners_see_fixed_order" bool NOT NULL,
  "date_created" datetime NOT NULL,
  "date_archived" datetime NULL,
  "date_activated" datetime NULL,
  "instant_report_visibility" bool NULL
);

CREATE TABLE "exams_examassignment" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "exam_id" char(32) NOT NULL REFERENCES "exams_exam" ("id") DEFERRABLE INITIALLY DEFERRED,
  "assigned_by_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "exams_individualsyncableexam" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "exam_id" char(32) NOT NULL,
  "serialized_exam" text NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "kolibriauth_collection" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "name" varchar(100) NOT NULL,
  "kind" varchar(20) NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "parent_id" char(32) NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "kolibriauth_facilitydataset" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "description" text NOT NULL,
  "location" varchar(200) NOT NULL,
  "learner_can_edit_username" bool NOT NULL,
  "learner_can_edit_name" bool NOT NULL,
  "learner_can_edit_password" bool NOT NULL,
  "learner_can_sign_up" bool NOT NULL,
  "learner_can_delete_account" bool NOT NULL,
  "learner_can_login_with_no_password" bool NOT NULL,
  "preset" varchar(50) NOT NULL,
  "show_download_button_in_learn" bool NOT NULL,
  "registered" bool NOT NULL,
  "extra_fields" text NULL,
  "enable_mark_attendance" bool NOT NULL,
  "picture_password_settings" text NULL
);

CREATE TABLE "kolibriauth_facilityuser" (
  "password" varchar(128) NOT NULL,
  "last_login" datetime NULL,
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "username" varchar(254) NOT NULL,
  "full_name" varchar(120) NOT NULL,
  "date_joined" varchar NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "facility_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "birth_year" varchar(16) NOT NULL,
  "gender" varchar(16) NOT NULL,
  "id_number" varchar(64) NOT NULL,
  "extra_demographics" text NULL,
  "date_deleted" varchar NULL,
  "picture_password" varchar(8) NULL
);

CREATE TABLE "kolibriauth_membership" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "kolibriauth_role" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "kind" varchar(26) NOT NULL
);

CREATE TABLE "lessons_individualsyncablelesson" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "lesson_id" char(32) NOT NULL,
  "serialized_lesson" text NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "lessons_lesson" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "description" varchar(200) NOT NULL,
  "resources" text NOT NULL,
  "is_active" bool NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "title" varchar(50) NOT NULL,
  "date_created" varchar NOT NULL,
  "created_by_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "lessons_lessonassignment" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "collection_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "lesson_id" char(32) NOT NULL REFERENCES "lessons_lesson" ("id") DEFERRABLE INITIALLY DEFERRED,
  "assigned_by_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "logger_attemptlog" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "item" varchar(200) NOT NULL,
  "start_timestamp" varchar NOT NULL,
  "end_timestamp" varchar NOT NULL,
  "completion_timestamp" varchar NULL,
  "time_spent" real NOT NULL,
  "complete" bool NOT NULL,
  "correct" real NOT NULL,
  "hinted" bool NOT NULL,
  "answer" text NULL,
  "simple_answer" varchar(200) NOT NULL,
  "interaction_history" text NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "masterylog_id" char(32) NULL REFERENCES "logger_masterylog" ("id") DEFERRABLE INITIALLY DEFERRED,
  "sessionlog_id" char(32) NOT NULL REFERENCES "logger_contentsessionlog" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "error" bool NOT NULL
);

CREATE TABLE "logger_contentsessionlog" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "content_id" char(32) NOT NULL,
  "start_timestamp" varchar NOT NULL,
  "end_timestamp" varchar NULL,
  "time_spent" real NOT NULL,
  "progress" real NOT NULL,
  "kind" varchar(200) NOT NULL,
  "extra_fields" text NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "visitor_id" char(32) NULL,
  "channel_id" char(32) NULL
);

CREATE TABLE "logger_contentsummarylog" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "content_id" char(32) NOT NULL,
  "start_timestamp" varchar NOT NULL,
  "end_timestamp" varchar NULL,
  "completion_timestamp" varchar NULL,
  "time_spent" real NOT NULL,
  "progress" real NOT NULL,
  "kind" varchar(200) NOT NULL,
  "extra_fields" text NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "channel_id" char(32) NULL
);

CREATE TABLE "logger_examattemptlog" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "item" varchar(200) NOT NULL,
  "start_timestamp" varchar NOT NULL,
  "end_timestamp" varchar NOT NULL,
  "completion_timestamp" varchar NULL,
  "time_spent" real NOT NULL,
  "complete" bool NOT NULL,
  "correct" real NOT NULL,
  "hinted" bool NOT NULL,
  "answer" text NULL,
  "simple_answer" varchar(200) NOT NULL,
  "interaction_history" text NOT NULL,
  "content_id" char(32) NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "examlog_id" char(32) NOT NULL REFERENCES "logger_examlog" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "error" bool NOT NULL
);

CREATE TABLE "logger_examlog" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "closed" bool NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "exam_id" char(32) NOT NULL REFERENCES "exams_exam" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "completion_timestamp" varchar NULL
);

CREATE TABLE "logger_generatecsvlogrequest" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "selected_end_date" varchar NULL,
  "date_requested" varchar NOT NULL,
  "log_type" varchar(7) NOT NULL,
  "facility_id" char(32) NOT NULL REFERENCES "kolibriauth_collection" ("id") DEFERRABLE INITIALLY DEFERRED,
  "selected_start_date" varchar NULL
);

CREATE TABLE "logger_masterylog" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "mastery_criterion" text NOT NULL,
  "start_timestamp" varchar NOT NULL,
  "end_timestamp" varchar NULL,
  "completion_timestamp" varchar NULL,
  "mastery_level" integer NOT NULL,
  "complete" bool NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "summarylog_id" char(32) NOT NULL REFERENCES "logger_contentsummarylog" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "time_spent" real NULL
);

CREATE TABLE "logger_usersessionlog" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "_morango_dirty_bit" bool NOT NULL,
  "_morango_source_id" varchar(96) NOT NULL,
  "_morango_partition" varchar(128) NOT NULL,
  "channels" text NOT NULL,
  "start_timestamp" varchar NOT NULL,
  "last_interaction_timestamp" varchar NULL,
  "pages" text NOT NULL,
  "dataset_id" char(32) NOT NULL REFERENCES "kolibriauth_facilitydataset" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" char(32) NOT NULL REFERENCES "kolibriauth_facilityuser" ("id") DEFERRABLE INITIALLY DEFERRED,
  "device_info" varchar(100) NULL
);

CREATE TABLE "morango_buffer" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "serialized" text NOT NULL,
  "deleted" bool NOT NULL,
  "last_saved_instance" char(32) NOT NULL,
  "last_saved_counter" integer NOT NULL,
  "model_name" varchar(40) NOT NULL,
  "profile" varchar(40) NOT NULL,
  "partition" text NOT NULL,
  "model_uuid" char(32) NOT NULL,
  "transfer_session_id" char(32) NOT NULL REFERENCES "morango_transfersession" ("id") DEFERRABLE INITIALLY DEFERRED,
  "conflicting_serialized_data" text NOT NULL,
  "_self_ref_fk" varchar(32) NOT NULL,
  "source_id" varchar(96) NOT NULL,
  "hard_deleted" bool NOT NULL
);

CREATE TABLE "morango_certificate" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "profile" varchar(20) NOT NULL,
  "scope_version" integer NOT NULL,
  "scope_params" text NOT NULL,
  "public_key" text NOT NULL,
  "serialized" text NOT NULL,
  "signature" text NOT NULL,
  "lft" integer unsigned NOT NULL CHECK ("lft" >= 0),
  "rght" integer unsigned NOT NULL CHECK ("rght" >= 0),
  "tree_id" integer unsigned NOT NULL CHECK ("tree_id" >= 0),
  "level" integer unsigned NOT NULL CHECK ("level" >= 0),
  "scope_definition_id" varchar(20) NOT NULL REFERENCES "morango_scopedefinition" ("id") DEFERRABLE INITIALLY DEFERRED,
  "private_key" text NULL,
  "salt" varchar(32) NOT NULL,
  "parent_id" char(32) NULL REFERENCES "morango_certificate" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "morango_databaseidmodel" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "current" bool NOT NULL,
  "date_generated" datetime NOT NULL,
  "initial_instance_id" varchar(32) NOT NULL
);

CREATE TABLE "morango_databasemaxcounter" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "instance_id" char(32) NOT NULL,
  "counter" integer NOT NULL,
  "partition" varchar(128) NOT NULL
);

CREATE TABLE "morango_deletedmodels" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "profile" varchar(40) NOT NULL
);

CREATE TABLE "morango_harddeletedmodels" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "profile" varchar(40) NOT NULL
);

CREATE TABLE "morango_instanceidmodel" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "platform" text NOT NULL,
  "hostname" text NOT NULL,
  "sysversion" text NOT NULL,
  "node_id" varchar(20) NOT NULL,
  "counter" integer NOT NULL,
  "current" bool NOT NULL,
  "db_path" varchar(1000) NOT NULL,
  "database_id" char(32) NOT NULL REFERENCES "morango_databaseidmodel" ("id") DEFERRABLE INITIALLY DEFERRED,
  "system_id" varchar(100) NOT NULL
);

CREATE TABLE "morango_nonce" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "timestamp" datetime NOT NULL,
  "ip" varchar(100) NOT NULL
);

CREATE TABLE "morango_recordmaxcounter" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "instance_id" char(32) NOT NULL,
  "counter" integer NOT NULL,
  "store_model_id" char(32) NOT NULL REFERENCES "morango_store" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "morango_recordmaxcounterbuffer" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "instance_id" char(32) NOT NULL,
  "counter" integer NOT NULL,
  "model_uuid" char(32) NOT NULL,
  "transfer_session_id" char(32) NOT NULL REFERENCES "morango_transfersession" ("id") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "morango_scopedefinition" (
  "profile" varchar(20) NOT NULL,
  "version" integer NOT NULL,
  "id" varchar(20) NOT NULL PRIMARY KEY,
  "description" text NOT NULL,
  "read_filter_template" text NOT NULL,
  "write_filter_template" text NOT NULL,
  "read_write_filter_template" text NOT NULL,
  "primary_scope_param_key" varchar(20) NOT NULL
);

CREATE TABLE "morango_sharedkey" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  "public_key" text NOT NULL,
  "private_key" text NOT NULL,
  "current" bool NOT NULL
);

CREATE TABLE "morango_store" (
  "serialized" text NOT NULL,
  "deleted" bool NOT NULL,
  "last_saved_instance" char(32) NOT NULL,
  "last_saved_counter" integer NOT NULL,
  "model_name" varchar(40) NOT NULL,
  "profile" varchar(40) NOT NULL,
  "partition" text NOT NULL,
  "id" char(32) NOT NULL PRIMARY KEY,
  "conflicting_serialized_data" text NOT NULL,
  "_self_ref_fk" varchar(32) NOT NULL,
  "dirty_bit" bool NOT NULL,
  "source_id" varchar(96) NOT NULL,
  "hard_deleted" bool NOT NULL,
  "last_transfer_session_id" char(32) NULL,
  "deserialization_exception" varchar(255) NULL,
  "deserialization_error" text NULL
);

CREATE TABLE "morango_syncsession" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "start_timestamp" datetime NOT NULL,
  "last_activity_timestamp" datetime NOT NULL,
  "active" bool NOT NULL,
  "connection_kind" varchar(10) NOT NULL,
  "connection_path" varchar(1000) NOT NULL,
  "is_server" bool NOT NULL,
  "client_ip" varchar(100) NOT NULL,
  "profile" varchar(40) NOT NULL,
  "server_ip" varchar(100) NOT NULL,
  "client_certificate_id" char(32) NULL REFERENCES "morango_certificate" ("id") DEFERRABLE INITIALLY DEFERRED,
  "server_certificate_id" char(32) NULL REFERENCES "morango_certificate" ("id") DEFERRABLE INITIALLY DEFERRED,
  "extra_fields" text NOT NULL,
  "process_id" integer NULL,
  "client_instance_json" text NOT NULL,
  "server_instance_json" text NOT NULL,
  "client_instance_id" char(32) NULL,
  "server_instance_id" char(32) NULL
);

CREATE TABLE "morango_transfersession" (
  "id" char(32) NOT NULL PRIMARY KEY,
  "filter" text NOT NULL,
  "push" bool NOT NULL,
  "active" bool NOT NULL,
  "records_total" integer NULL,
  "sync_session_id" char(32) NOT NULL REFERENCES "morango_syncsession" ("id") DEFERRABLE INITIALLY DEFERRED,
  "last_activity_timestamp" datetime NOT NULL,
  "client_fsic" text NOT NULL,
  "records_transferred" integer NOT NULL,
  "server_fsic" text NOT NULL,
  "start_timestamp" datetime NOT NULL,
  "bytes_received" bigint NULL,
  "bytes_sent" bigint NULL,
  "transfer_stage" varchar(20) NULL,
  "transfer_stage_status" varchar(20) NULL
);
