"""first"""
# ruff: noqa: E501, PLR0915

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_first"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

TRIGGERS = {
    "sqlite": (
        'CREATE TRIGGER audit_update BEFORE UPDATE ON audit WHEN NOT (OLD.hash IS NULL AND NEW.hash IS NOT NULL AND NEW.place IS NOT NULL AND NEW.prev_hash IS NOT NULL AND NEW."id" IS OLD."id" AND NEW."at" IS OLD."at" AND NEW."by" IS OLD."by" AND NEW."action" IS OLD."action" AND NEW."subject" IS OLD."subject" AND NEW."detail" IS OLD."detail") BEGIN SELECT RAISE(ABORT, \'the audit is append-only\'); END',
        "CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        "CREATE TRIGGER audit_insert BEFORE INSERT ON audit WHEN NEW.hash IS NOT NULL OR NEW.place IS NOT NULL OR EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        "CREATE TRIGGER audit_chain_update BEFORE UPDATE ON audit_chain WHEN NOT (NEW.id IS OLD.id AND NEW.place > OLD.place) BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        "CREATE TRIGGER audit_chain_delete BEFORE DELETE ON audit_chain BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        "CREATE TRIGGER audit_chain_insert BEFORE INSERT ON audit_chain WHEN NEW.id <> 1 OR NEW.place <> 0 BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        "CREATE TRIGGER owner_tag_added AFTER INSERT ON owner_tag BEGIN INSERT INTO tag_roll_mark (tag_id, page) SELECT NEW.tag_id, NEW.owner_id / 8192 WHERE NOT EXISTS (SELECT 1 FROM tag_roll_mark WHERE tag_id = NEW.tag_id AND page = NEW.owner_id / 8192); END",
        "CREATE TRIGGER owner_tag_removed AFTER DELETE ON owner_tag BEGIN INSERT INTO tag_roll_mark (tag_id, page) SELECT OLD.tag_id, OLD.owner_id / 8192 WHERE NOT EXISTS (SELECT 1 FROM tag_roll_mark WHERE tag_id = OLD.tag_id AND page = OLD.owner_id / 8192); END",
        "CREATE TRIGGER owner_tag_changed AFTER UPDATE OF owner_id, tag_id, expires_at ON owner_tag BEGIN INSERT INTO tag_roll_mark (tag_id, page) SELECT OLD.tag_id, OLD.owner_id / 8192 WHERE NOT EXISTS (SELECT 1 FROM tag_roll_mark WHERE tag_id = OLD.tag_id AND page = OLD.owner_id / 8192); INSERT INTO tag_roll_mark (tag_id, page) SELECT NEW.tag_id, NEW.owner_id / 8192 WHERE NOT EXISTS (SELECT 1 FROM tag_roll_mark WHERE tag_id = NEW.tag_id AND page = NEW.owner_id / 8192); END",
    ),
    "postgresql": (
        'CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = \'INSERT\' THEN IF NEW.hash IS NULL AND NEW.place IS NULL THEN RETURN NEW; END IF; ELSIF TG_OP = \'UPDATE\' THEN IF OLD.hash IS NULL AND NEW.hash IS NOT NULL AND NEW.place IS NOT NULL AND NEW.prev_hash IS NOT NULL AND NEW."id" IS NOT DISTINCT FROM OLD."id" AND NEW."at" IS NOT DISTINCT FROM OLD."at" AND NEW."by" IS NOT DISTINCT FROM OLD."by" AND NEW."action" IS NOT DISTINCT FROM OLD."action" AND NEW."subject" IS NOT DISTINCT FROM OLD."subject" AND NEW."detail" IS NOT DISTINCT FROM OLD."detail" THEN RETURN NEW; END IF; END IF; RAISE EXCEPTION \'the audit is append-only\'; END $$',
        "CREATE TRIGGER audit_change BEFORE INSERT OR UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_guard()",
        "CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()",
        "CREATE FUNCTION audit_chain_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'INSERT' THEN IF NEW.id = 1 AND NEW.place = 0 THEN RETURN NEW; END IF; ELSIF TG_OP = 'UPDATE' THEN IF NEW.id = OLD.id AND NEW.place > OLD.place THEN RETURN NEW; END IF; END IF; RAISE EXCEPTION 'the audit is append-only'; END $$",
        "CREATE TRIGGER audit_chain_change BEFORE INSERT OR UPDATE OR DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_chain_guard()",
        "CREATE TRIGGER audit_chain_truncate BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION audit_chain_guard()",
        "CREATE FUNCTION owner_tag_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO tag_roll_mark (tag_id, page) SELECT DISTINCT tag_id, owner_id / 8192 FROM changed; RETURN NULL; END $$",
        "CREATE TRIGGER owner_tag_added AFTER INSERT ON owner_tag REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION owner_tag_mark()",
        "CREATE TRIGGER owner_tag_removed AFTER DELETE ON owner_tag REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION owner_tag_mark()",
        "CREATE TRIGGER owner_tag_was AFTER UPDATE ON owner_tag REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION owner_tag_mark()",
        "CREATE TRIGGER owner_tag_changed AFTER UPDATE ON owner_tag REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION owner_tag_mark()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "account_follower",
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("wanted", JSON, nullable=False),
        sa.Column("wanted_remark", sa.String(length=30), nullable=False),
        sa.Column("known", JSON, nullable=False),
        sa.Column("written_remark", sa.String(length=120), nullable=True),
        sa.Column("kept_remark", sa.String(length=120), nullable=True),
        sa.Column("kept_for", sa.String(length=30), nullable=True),
        sa.Column("trying", JSON, nullable=True),
        sa.Column("trying_remark", sa.String(length=30), nullable=True),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stale_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("openid", name=op.f("pk_account_follower")),
    )
    op.create_index(op.f("ix_account_follower_listed_at"), "account_follower", ["listed_at"], unique=False)
    op.create_index(op.f("ix_account_follower_stale_at"), "account_follower", ["stale_at"], unique=False)
    op.create_index("ix_account_follower_status_due_at", "account_follower", ["status", "due_at"], unique=False)
    op.create_table(
        "account_mark",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_mark")),
    )
    op.create_index(op.f("ix_account_mark_openid"), "account_mark", ["openid"], unique=False)
    op.create_table(
        "account_pause",
        sa.Column("api", sa.String(length=20), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("api", name=op.f("pk_account_pause")),
    )
    op.create_table(
        "account_run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.String(length=64), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_run")),
        sa.UniqueConstraint("day", name=op.f("uq_account_run_day")),
    )
    op.create_table(
        "account_tag",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("known_name", sa.String(length=60), nullable=True),
        sa.Column("platform_id", sa.Integer(), nullable=True),
        sa.Column("is_adopted", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_tag")),
        sa.UniqueConstraint("key", "value", name=op.f("uq_account_tag_key_value")),
        sa.UniqueConstraint("platform_id", name=op.f("uq_account_tag_platform_id")),
    )
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("place", BIG_ID, nullable=True),
        sa.Column("prev_hash", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("place", name=op.f("uq_audit_place")),
    )
    op.create_index("ix_audit_action_at_by", "audit", ["action", "at", "by"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(
        "ix_audit_unsealed",
        "audit",
        ["id"],
        unique=False,
        sqlite_where=sa.text("hash IS NULL"),
        postgresql_where=sa.text("hash IS NULL"),
    )
    op.create_table(
        "audit_chain",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("place", BIG_ID, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "bind_attempt",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bind_attempt")),
    )
    op.create_index(op.f("ix_bind_attempt_openid"), "bind_attempt", ["openid"], unique=False)
    op.create_table(
        "community",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint("name", name=op.f("uq_community_name")),
    )
    op.create_table(
        "consent_text",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
        sa.UniqueConstraint("purpose", "version", name=op.f("uq_consent_text_purpose_version")),
    )
    op.create_table(
        "conversation",
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("state", JSON, nullable=True),
        sa.Column("script", sa.String(length=80), nullable=True),
        sa.Column("revision", sa.String(length=64), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("waiting", JSON, nullable=False),
        sa.Column("rest", sa.Text(), nullable=True),
        sa.Column("handover_task_id", sa.Integer(), nullable=True),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("timer_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("timer_kind", sa.String(length=12), nullable=True),
        sa.Column("home_id", BIG_ID, nullable=True),
        sa.PrimaryKeyConstraint("openid", name=op.f("pk_conversation")),
    )
    op.create_index(op.f("ix_conversation_script"), "conversation", ["script"], unique=False)
    op.create_index(op.f("ix_conversation_timer_at"), "conversation", ["timer_at"], unique=False)
    op.create_table(
        "early_report",
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_early_report")),
    )
    op.create_table(
        "erasure",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_openid"), "erasure", ["openid"], unique=False)
    op.create_index(op.f("ix_erasure_status"), "erasure", ["status"], unique=False)
    op.create_table(
        "inbound_message",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("media_id", sa.String(length=200), nullable=True),
        sa.Column("script", sa.String(length=80), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_message")),
        sa.UniqueConstraint("key", name=op.f("uq_inbound_message_key")),
    )
    op.create_index(op.f("ix_inbound_message_at"), "inbound_message", ["at"], unique=False)
    op.create_index(op.f("ix_inbound_message_openid"), "inbound_message", ["openid"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("building_ids", JSON, nullable=True),
        sa.Column("skips_bad", sa.Boolean(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("place", BIG_ID, nullable=False),
        sa.Column("size", BIG_ID, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("late", JSON, nullable=False),
        sa.Column("error", sa.String(length=40), nullable=False),
        sa.Column("has_files", sa.Boolean(), nullable=False),
        sa.Column("has_result", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("token", name=op.f("uq_job_token")),
    )
    op.create_index(op.f("ix_job_by"), "job", ["by"], unique=False)
    op.create_index(op.f("ix_job_expires_at"), "job", ["expires_at"], unique=False)
    op.create_index(op.f("ix_job_state"), "job", ["state"], unique=False)
    op.create_table(
        "number_series",
        sa.Column("letter", sa.String(length=4), nullable=False),
        sa.Column("day", sa.String(length=6), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("letter", "day", name=op.f("pk_number_series")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("template", sa.String(length=20), nullable=True),
        sa.Column("dedupe", sa.String(length=120), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("channel", sa.String(length=12), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_outbox_dedupe")),
    )
    op.create_index(op.f("ix_outbox_created_at"), "outbox", ["created_at"], unique=False)
    op.create_index(op.f("ix_outbox_message_id"), "outbox", ["message_id"], unique=False)
    op.create_index(op.f("ix_outbox_openid"), "outbox", ["openid"], unique=False)
    op.create_index("ix_outbox_status_due_at", "outbox", ["status", "due_at"], unique=False)
    op.create_table(
        "owner",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phone_state", sa.String(length=4), server_default="待核", nullable=False),
        sa.Column("phone_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phone_failures", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_owner_doubted",
        "owner",
        ["phone_state", "id"],
        unique=False,
        sqlite_where=sa.text("phone_state NOT IN ('待核', '有效')"),
        postgresql_where=sa.text("phone_state NOT IN ('待核', '有效')"),
    )
    op.create_index(op.f("ix_owner_name"), "owner", ["name"], unique=False)
    op.create_index(op.f("ix_owner_phone"), "owner", ["phone"], unique=False)
    op.create_table(
        "owner_distinct",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("first_id", BIG_ID, nullable=False),
        sa.Column("second_id", BIG_ID, nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner_distinct")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_owner_distinct_first_id_second_id")),
    )
    op.create_index(op.f("ix_owner_distinct_second_id"), "owner_distinct", ["second_id"], unique=False)
    op.create_table(
        "personal_export",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("name", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_export")),
        sa.UniqueConstraint("name", name=op.f("uq_personal_export_name")),
    )
    op.create_index(op.f("ix_personal_export_openid"), "personal_export", ["openid"], unique=False)
    op.create_index(op.f("ix_personal_export_owner_id"), "personal_export", ["owner_id"], unique=False)
    op.create_index(op.f("ix_personal_export_status"), "personal_export", ["status"], unique=False)
    op.create_table(
        "push_stop",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_stop")),
        sa.UniqueConstraint("openid", "topic", name=op.f("uq_push_stop_openid_topic")),
    )
    op.create_index(op.f("ix_push_stop_openid"), "push_stop", ["openid"], unique=False)
    op.create_table(
        "schedule",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("cron", sa.String(length=80), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("misfire", sa.String(length=20), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("last_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("key", name=op.f("uq_schedule_key")),
    )
    op.create_table(
        "script_revision",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("script", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_revision")),
        sa.UniqueConstraint("script", "revision", name=op.f("uq_script_revision_script_revision")),
    )
    op.create_table(
        "script_run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("building_id", sa.Integer(), nullable=True),
        sa.Column("script", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_run")),
    )
    op.create_index(op.f("ix_script_run_owner_id"), "script_run", ["owner_id"], unique=False)
    op.create_index("ix_script_run_script_building_id", "script_run", ["script", "building_id"], unique=False)
    op.create_index("ix_script_run_script_openid", "script_run", ["script", "openid"], unique=False)
    op.create_index(op.f("ix_script_run_started_at"), "script_run", ["started_at"], unique=False)
    op.create_table(
        "sealing_mark",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealing_mark")),
    )
    op.create_table(
        "segment",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("name", name=op.f("uq_segment_name")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_at"), "sign_in_attempt", ["at"], unique=False)
    op.create_index("ix_sign_in_attempt_login_address", "sign_in_attempt", ["login", "address"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("openid", name=op.f("uq_staff_openid")),
        sa.UniqueConstraint("phone", name=op.f("uq_staff_phone")),
    )
    op.create_index(op.f("ix_staff_name"), "staff", ["name"], unique=False)
    op.create_index(op.f("ix_staff_role"), "staff", ["role"], unique=False)
    op.create_table(
        "tag",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("number", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("key", "value", name=op.f("uq_tag_key_value")),
    )
    op.create_table(
        "tag_roll",
        sa.Column("tag_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tag_id", name=op.f("pk_tag_roll")),
    )
    op.create_table(
        "tag_roll_mark",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("tag_id", BIG_ID, nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_roll_mark")),
    )
    op.create_index("ix_tag_roll_mark_tag_id_page", "tag_roll_mark", ["tag_id", "page"], unique=False)
    op.create_table(
        "tag_roll_page",
        sa.Column("tag_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dies_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tag_id", "page", name=op.f("pk_tag_roll_page")),
    )
    op.create_index(op.f("ix_tag_roll_page_dies_at"), "tag_roll_page", ["dies_at"], unique=False)
    op.create_table(
        "unheard",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("candidates", JSON, nullable=False),
        sa.Column("script", sa.String(length=80), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unheard")),
        sa.UniqueConstraint("text", name=op.f("uq_unheard_text")),
    )
    op.create_index("ix_unheard_status_times", "unheard", ["status", "times"], unique=False)
    op.create_table(
        "account_change",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("tag_id", BIG_ID, nullable=True),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("ours", sa.String(length=120), nullable=False),
        sa.Column("theirs", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["tag_id"], ["account_tag.id"], name=op.f("fk_account_change_tag_id_account_tag")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_change")),
    )
    op.create_index(
        "ix_account_change_open",
        "account_change",
        ["id"],
        unique=False,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index("ix_account_change_openid", "account_change", ["openid"], unique=False)
    op.create_table(
        "building",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("community_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("plain", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_building_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
        sa.UniqueConstraint("community_id", "plain", name=op.f("uq_building_community_id_plain")),
    )
    op.create_table(
        "consent",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_consent_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_openid"), "consent", ["openid"], unique=False)
    op.create_index(op.f("ix_consent_owner_id"), "consent", ["owner_id"], unique=False)
    op.create_table(
        "console_account",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("staff_id", BIG_ID, nullable=True),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_pending", sa.Text(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_step", BIG_ID, nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_console_account_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_account")),
        sa.UniqueConstraint("login", name=op.f("uq_console_account_login")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_console_account_staff_id")),
    )
    op.create_table(
        "estate_service",
        sa.Column("community_id", BIG_ID, nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=True),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_estate_service_community_id_community")),
        sa.PrimaryKeyConstraint("community_id", "service", name=op.f("pk_estate_service")),
    )
    op.create_table(
        "follower",
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("is_following", sa.Boolean(), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unfollowed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scene", sa.String(length=64), nullable=True),
        sa.Column("message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_sent", sa.Integer(), nullable=False),
        sa.Column("click_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("click_sent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_follower_owner_id_owner")),
        sa.PrimaryKeyConstraint("openid", name=op.f("pk_follower")),
    )
    op.create_index(op.f("ix_follower_owner_id"), "follower", ["owner_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("community_id", BIG_ID, nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("ages", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("min_count", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("loan_days", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_no", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_offer_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("code", name=op.f("uq_offer_code")),
        sa.UniqueConstraint("task_no", name=op.f("uq_offer_task_no")),
    )
    op.create_index("ix_offer_kind_status", "offer", ["kind", "status"], unique=False)
    op.create_table(
        "owner_merge",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("dropped_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("dropped_name", sa.String(length=60), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("moved", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_owner_merge_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner_merge")),
        sa.UniqueConstraint("dropped_id", name=op.f("uq_owner_merge_dropped_id")),
    )
    op.create_index(op.f("ix_owner_merge_owner_id"), "owner_merge", ["owner_id"], unique=False)
    op.create_table(
        "owner_tag",
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("tag_id", BIG_ID, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("by", sa.String(length=80), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=True),
        sa.Column("answer_id", BIG_ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_owner_tag_owner_id_owner"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_owner_tag_tag_id_tag")),
        sa.PrimaryKeyConstraint("owner_id", "tag_id", name=op.f("pk_owner_tag")),
    )
    op.create_index(
        "ix_owner_tag_expires_at",
        "owner_tag",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_owner_tag_tag_id_owner_id", "owner_tag", ["tag_id", "owner_id", "expires_at"], unique=False)
    op.create_table(
        "phone_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=4), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_phone_event_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_event")),
    )
    op.create_index(op.f("ix_phone_event_owner_id"), "phone_event", ["owner_id"], unique=False)
    op.create_table(
        "point_entry",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_point_entry_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_point_entry_key")),
    )
    op.create_index(op.f("ix_point_entry_owner_id"), "point_entry", ["owner_id"], unique=False)
    op.create_table(
        "schedule_run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("schedule_id", BIG_ID, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_schedule_run_schedule_id_schedule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_run")),
        sa.UniqueConstraint("schedule_id", "due_at", name=op.f("uq_schedule_run_schedule_id_due_at")),
    )
    op.create_index(op.f("ix_schedule_run_status"), "schedule_run", ["status"], unique=False)
    op.create_table(
        "staff_code",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("staff_id", BIG_ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_code_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_code")),
    )
    op.create_index(op.f("ix_staff_code_digest"), "staff_code", ["digest"], unique=False)
    op.create_index(op.f("ix_staff_code_staff_id"), "staff_code", ["staff_id"], unique=False)
    op.create_table(
        "survey_invitation",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("survey", sa.String(length=80), nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_survey_invitation_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_invitation")),
    )
    op.create_index(op.f("ix_survey_invitation_at"), "survey_invitation", ["at"], unique=False)
    op.create_index(op.f("ix_survey_invitation_openid"), "survey_invitation", ["openid"], unique=False)
    op.create_index("ix_survey_invitation_owner_id_at", "survey_invitation", ["owner_id", "at"], unique=False)
    op.create_index(op.f("ix_survey_invitation_survey"), "survey_invitation", ["survey"], unique=False)
    op.create_table(
        "tag_change",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("answer_id", BIG_ID, nullable=True),
        sa.Column("batch", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_tag_change_owner_id_owner"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_change")),
    )
    op.create_index(
        "ix_tag_change_answer_id",
        "tag_change",
        ["answer_id"],
        unique=False,
        sqlite_where=sa.text("answer_id IS NOT NULL"),
        postgresql_where=sa.text("answer_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_tag_change_at"), "tag_change", ["at"], unique=False)
    op.create_index(
        "ix_tag_change_batch",
        "tag_change",
        ["batch"],
        unique=False,
        sqlite_where=sa.text("batch IS NOT NULL"),
        postgresql_where=sa.text("batch IS NOT NULL"),
    )
    op.create_index("ix_tag_change_owner_id_id", "tag_change", ["owner_id", "id"], unique=False)
    op.create_table(
        "tag_conflict",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_tag_conflict_owner_id_owner"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_conflict")),
    )
    op.create_index(
        "ix_tag_conflict_id",
        "tag_conflict",
        ["id"],
        unique=False,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index("ix_tag_conflict_owner_id_key", "tag_conflict", ["owner_id", "key"], unique=False)
    op.create_table(
        "campaign",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("is_targeted", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=True),
        sa.Column("run_id", BIG_ID, nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["schedule_run.id"], name=op.f("fk_campaign_run_id_schedule_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("run_id", name=op.f("uq_campaign_run_id")),
    )
    op.create_index(op.f("ix_campaign_status"), "campaign", ["status"], unique=False)
    op.create_table(
        "complaint",
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("no", sa.String(length=20), nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("community_id", BIG_ID, nullable=True),
        sa.Column("building_id", BIG_ID, nullable=True),
        sa.Column("room_label", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("assignee_id", BIG_ID, nullable=True),
        sa.Column("slots", JSON, nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_complaint_assignee_id_staff")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_complaint_building_id_building")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_complaint_community_id_community")),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_complaint_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("no", name=op.f("uq_complaint_no")),
    )
    op.create_index(op.f("ix_complaint_assignee_id"), "complaint", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_complaint_building_id"), "complaint", ["building_id"], unique=False)
    op.create_index(op.f("ix_complaint_category"), "complaint", ["category"], unique=False)
    op.create_index(op.f("ix_complaint_community_id"), "complaint", ["community_id"], unique=False)
    op.create_index(op.f("ix_complaint_created_at"), "complaint", ["created_at"], unique=False)
    op.create_index(op.f("ix_complaint_openid"), "complaint", ["openid"], unique=False)
    op.create_index(op.f("ix_complaint_owner_id"), "complaint", ["owner_id"], unique=False)
    op.create_index(op.f("ix_complaint_status"), "complaint", ["status"], unique=False)
    op.create_table(
        "console_recovery_code",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["console_account.id"], name=op.f("fk_console_recovery_code_account_id_console_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_console_recovery_code")),
    )
    op.create_table(
        "console_session",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["console_account.id"], name=op.f("fk_console_session_account_id_console_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_console_session_digest")),
    )
    op.create_index(op.f("ix_console_session_account_id"), "console_session", ["account_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("no", sa.String(length=20), nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("community_id", BIG_ID, nullable=True),
        sa.Column("building_id", BIG_ID, nullable=True),
        sa.Column("room_label", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("assignee_id", BIG_ID, nullable=True),
        sa.Column("slots", JSON, nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_feedback_assignee_id_staff")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_feedback_building_id_building")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_feedback_community_id_community")),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_feedback_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("no", name=op.f("uq_feedback_no")),
    )
    op.create_index(op.f("ix_feedback_assignee_id"), "feedback", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_feedback_building_id"), "feedback", ["building_id"], unique=False)
    op.create_index(op.f("ix_feedback_community_id"), "feedback", ["community_id"], unique=False)
    op.create_index(op.f("ix_feedback_created_at"), "feedback", ["created_at"], unique=False)
    op.create_index(op.f("ix_feedback_openid"), "feedback", ["openid"], unique=False)
    op.create_index(op.f("ix_feedback_owner_id"), "feedback", ["owner_id"], unique=False)
    op.create_index(op.f("ix_feedback_status"), "feedback", ["status"], unique=False)
    op.create_table(
        "order",
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=True),
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("no", sa.String(length=20), nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("community_id", BIG_ID, nullable=True),
        sa.Column("building_id", BIG_ID, nullable=True),
        sa.Column("room_label", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("assignee_id", BIG_ID, nullable=True),
        sa.Column("slots", JSON, nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_order_assignee_id_staff")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_order_building_id_building")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_order_community_id_community")),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_order_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("no", name=op.f("uq_order_no")),
    )
    op.create_index(op.f("ix_order_assignee_id"), "order", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_order_building_id"), "order", ["building_id"], unique=False)
    op.create_index(op.f("ix_order_community_id"), "order", ["community_id"], unique=False)
    op.create_index(op.f("ix_order_created_at"), "order", ["created_at"], unique=False)
    op.create_index(op.f("ix_order_openid"), "order", ["openid"], unique=False)
    op.create_index(op.f("ix_order_owner_id"), "order", ["owner_id"], unique=False)
    op.create_index(op.f("ix_order_service"), "order", ["service"], unique=False)
    op.create_index(op.f("ix_order_status"), "order", ["status"], unique=False)
    op.create_table(
        "staff_building",
        sa.Column("staff_id", BIG_ID, nullable=False),
        sa.Column("building_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_staff_building_building_id_building")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_building_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", "building_id", name=op.f("pk_staff_building")),
    )
    op.create_index(op.f("ix_staff_building_building_id"), "staff_building", ["building_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("building_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("plain", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_unit_building_id_building")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("building_id", "plain", name=op.f("uq_unit_building_id_plain")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("order_id", BIG_ID, nullable=True),
        sa.Column("complaint_id", BIG_ID, nullable=True),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("media_id", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=1024), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=True),
        sa.Column("content_type", sa.String(length=80), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_attachment_complaint_id_complaint")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_attachment_order_id_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_complaint_id"), "attachment", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_attachment_openid"), "attachment", ["openid"], unique=False)
    op.create_index(op.f("ix_attachment_order_id"), "attachment", ["order_id"], unique=False)
    op.create_index(op.f("ix_attachment_status"), "attachment", ["status"], unique=False)
    op.create_table(
        "booking",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("offer_id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("order_id", BIG_ID, nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_booking_offer_id_offer")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_booking_order_id_order")),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_booking_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index(op.f("ix_booking_due_at"), "booking", ["due_at"], unique=False)
    op.create_index("ix_booking_offer_id_status", "booking", ["offer_id", "status"], unique=False)
    op.create_index(op.f("ix_booking_openid"), "booking", ["openid"], unique=False)
    op.create_index(op.f("ix_booking_order_id"), "booking", ["order_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("campaign_id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=12), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_delivery_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_delivery_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("campaign_id", "owner_id", name=op.f("uq_delivery_campaign_id_owner_id")),
    )
    op.create_index("ix_delivery_due_at", "delivery", ["due_at"], unique=False)
    op.create_index(op.f("ix_delivery_message_id"), "delivery", ["message_id"], unique=False)
    op.create_index(op.f("ix_delivery_owner_id"), "delivery", ["owner_id"], unique=False)
    op.create_index("ix_delivery_status_due_at", "delivery", ["status", "due_at"], unique=False)
    op.create_table(
        "order_secret",
        sa.Column("order_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_order_secret_order_id_order")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_secret")),
    )
    op.create_table(
        "room",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("community_id", BIG_ID, nullable=False),
        sa.Column("building_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("plain", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_room_building_id_building")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_room_community_id_community")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_room_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("unit_id", "plain", name=op.f("uq_room_unit_id_plain")),
    )
    op.create_index(op.f("ix_room_building_id"), "room", ["building_id"], unique=False)
    op.create_index(op.f("ix_room_community_id"), "room", ["community_id"], unique=False)
    op.create_index(op.f("ix_room_label"), "room", ["label"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("no", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("assignee_id", BIG_ID, nullable=True),
        sa.Column("order_id", BIG_ID, nullable=True),
        sa.Column("complaint_id", BIG_ID, nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("building_id", BIG_ID, nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_task_assignee_id_staff")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_task_building_id_building")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_task_complaint_id_complaint")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_task_order_id_order")),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_task_owner_id_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("no", name=op.f("uq_task_no")),
    )
    op.create_index("ix_task_assignee_id_status", "task", ["assignee_id", "status"], unique=False)
    op.create_index(op.f("ix_task_complaint_id"), "task", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_task_order_id"), "task", ["order_id"], unique=False)
    op.create_index(op.f("ix_task_remind_at"), "task", ["remind_at"], unique=False)
    op.create_index("ix_task_status_kind", "task", ["status", "kind"], unique=False)
    op.create_table(
        "bill",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("room_id", BIG_ID, nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_bill_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill")),
        sa.UniqueConstraint("room_id", "item", "period", name=op.f("uq_bill_room_id_item_period")),
    )
    op.create_table(
        "case_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("order_id", BIG_ID, nullable=True),
        sa.Column("complaint_id", BIG_ID, nullable=True),
        sa.Column("task_id", BIG_ID, nullable=True),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_case_event_complaint_id_complaint")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_case_event_order_id_order")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_case_event_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index(op.f("ix_case_event_complaint_id"), "case_event", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_case_event_order_id"), "case_event", ["order_id"], unique=False)
    op.create_index(op.f("ix_case_event_task_id"), "case_event", ["task_id"], unique=False)
    op.create_table(
        "residence",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=False),
        sa.Column("room_id", BIG_ID, nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("moved_in_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_residence_owner_id_owner")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_residence_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residence")),
        sa.UniqueConstraint("owner_id", "room_id", name=op.f("uq_residence_owner_id_room_id")),
    )
    op.create_index(op.f("ix_residence_room_id"), "residence", ["room_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("no", sa.String(length=20), nullable=False),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("room_id", BIG_ID, nullable=True),
        sa.Column("building_id", BIG_ID, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("survey", sa.String(length=80), nullable=False),
        sa.Column("host_id", BIG_ID, nullable=False),
        sa.Column("recorder_id", BIG_ID, nullable=True),
        sa.Column("coder_id", BIG_ID, nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("coded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_visit_building_id_building")),
        sa.ForeignKeyConstraint(["coder_id"], ["staff.id"], name=op.f("fk_visit_coder_id_staff")),
        sa.ForeignKeyConstraint(["host_id"], ["staff.id"], name=op.f("fk_visit_host_id_staff")),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_visit_owner_id_owner")),
        sa.ForeignKeyConstraint(["recorder_id"], ["staff.id"], name=op.f("fk_visit_recorder_id_staff")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_visit_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("no", name=op.f("uq_visit_no")),
    )
    op.create_index(op.f("ix_visit_building_id"), "visit", ["building_id"], unique=False)
    op.create_index(op.f("ix_visit_host_id"), "visit", ["host_id"], unique=False)
    op.create_index(op.f("ix_visit_owner_id"), "visit", ["owner_id"], unique=False)
    op.create_index(op.f("ix_visit_status"), "visit", ["status"], unique=False)
    op.create_table(
        "answer",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("visit_id", BIG_ID, nullable=True),
        sa.Column("owner_id", BIG_ID, nullable=True),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("survey", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("question", sa.String(length=120), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("asker", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_answer_owner_id_owner")),
        sa.ForeignKeyConstraint(["run_id"], ["script_run.id"], name=op.f("fk_answer_run_id_script_run")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_answer_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_at"), "answer", ["at"], unique=False)
    op.create_index(op.f("ix_answer_openid"), "answer", ["openid"], unique=False)
    op.create_index(op.f("ix_answer_owner_id"), "answer", ["owner_id"], unique=False)
    op.create_index("ix_answer_run_id", "answer", ["run_id"], unique=False)
    op.create_index("ix_answer_survey_question", "answer", ["survey", "question"], unique=False)
    op.create_index(op.f("ix_answer_visit_id"), "answer", ["visit_id"], unique=False)
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_answer_visit_id"), table_name="answer")
    op.drop_index("ix_answer_survey_question", table_name="answer")
    op.drop_index("ix_answer_run_id", table_name="answer")
    op.drop_index(op.f("ix_answer_owner_id"), table_name="answer")
    op.drop_index(op.f("ix_answer_openid"), table_name="answer")
    op.drop_index(op.f("ix_answer_at"), table_name="answer")
    op.drop_table("answer")
    op.drop_index(op.f("ix_visit_status"), table_name="visit")
    op.drop_index(op.f("ix_visit_owner_id"), table_name="visit")
    op.drop_index(op.f("ix_visit_host_id"), table_name="visit")
    op.drop_index(op.f("ix_visit_building_id"), table_name="visit")
    op.drop_table("visit")
    op.drop_index(op.f("ix_residence_room_id"), table_name="residence")
    op.drop_table("residence")
    op.drop_index(op.f("ix_case_event_task_id"), table_name="case_event")
    op.drop_index(op.f("ix_case_event_order_id"), table_name="case_event")
    op.drop_index(op.f("ix_case_event_complaint_id"), table_name="case_event")
    op.drop_table("case_event")
    op.drop_table("bill")
    op.drop_index("ix_task_status_kind", table_name="task")
    op.drop_index(op.f("ix_task_remind_at"), table_name="task")
    op.drop_index(op.f("ix_task_order_id"), table_name="task")
    op.drop_index(op.f("ix_task_complaint_id"), table_name="task")
    op.drop_index("ix_task_assignee_id_status", table_name="task")
    op.drop_table("task")
    op.drop_index(op.f("ix_room_label"), table_name="room")
    op.drop_index(op.f("ix_room_community_id"), table_name="room")
    op.drop_index(op.f("ix_room_building_id"), table_name="room")
    op.drop_table("room")
    op.drop_table("order_secret")
    op.drop_index("ix_delivery_status_due_at", table_name="delivery")
    op.drop_index(op.f("ix_delivery_owner_id"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_message_id"), table_name="delivery")
    op.drop_index("ix_delivery_due_at", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(op.f("ix_booking_order_id"), table_name="booking")
    op.drop_index(op.f("ix_booking_openid"), table_name="booking")
    op.drop_index("ix_booking_offer_id_status", table_name="booking")
    op.drop_index(op.f("ix_booking_due_at"), table_name="booking")
    op.drop_table("booking")
    op.drop_index(op.f("ix_attachment_status"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_order_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_openid"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_complaint_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_table("unit")
    op.drop_index(op.f("ix_staff_building_building_id"), table_name="staff_building")
    op.drop_table("staff_building")
    op.drop_index(op.f("ix_order_status"), table_name="order")
    op.drop_index(op.f("ix_order_service"), table_name="order")
    op.drop_index(op.f("ix_order_owner_id"), table_name="order")
    op.drop_index(op.f("ix_order_openid"), table_name="order")
    op.drop_index(op.f("ix_order_created_at"), table_name="order")
    op.drop_index(op.f("ix_order_community_id"), table_name="order")
    op.drop_index(op.f("ix_order_building_id"), table_name="order")
    op.drop_index(op.f("ix_order_assignee_id"), table_name="order")
    op.drop_table("order")
    op.drop_index(op.f("ix_feedback_status"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_owner_id"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_openid"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_created_at"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_community_id"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_building_id"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_assignee_id"), table_name="feedback")
    op.drop_table("feedback")
    op.drop_index(op.f("ix_console_session_account_id"), table_name="console_session")
    op.drop_table("console_session")
    op.drop_table("console_recovery_code")
    op.drop_index(op.f("ix_complaint_status"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_owner_id"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_openid"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_created_at"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_community_id"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_category"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_building_id"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_assignee_id"), table_name="complaint")
    op.drop_table("complaint")
    op.drop_index(op.f("ix_campaign_status"), table_name="campaign")
    op.drop_table("campaign")
    op.drop_index("ix_tag_conflict_owner_id_key", table_name="tag_conflict")
    op.drop_index(
        "ix_tag_conflict_id",
        table_name="tag_conflict",
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.drop_table("tag_conflict")
    op.drop_index("ix_tag_change_owner_id_id", table_name="tag_change")
    op.drop_index(
        "ix_tag_change_batch",
        table_name="tag_change",
        sqlite_where=sa.text("batch IS NOT NULL"),
        postgresql_where=sa.text("batch IS NOT NULL"),
    )
    op.drop_index(op.f("ix_tag_change_at"), table_name="tag_change")
    op.drop_index(
        "ix_tag_change_answer_id",
        table_name="tag_change",
        sqlite_where=sa.text("answer_id IS NOT NULL"),
        postgresql_where=sa.text("answer_id IS NOT NULL"),
    )
    op.drop_table("tag_change")
    op.drop_index(op.f("ix_survey_invitation_survey"), table_name="survey_invitation")
    op.drop_index("ix_survey_invitation_owner_id_at", table_name="survey_invitation")
    op.drop_index(op.f("ix_survey_invitation_openid"), table_name="survey_invitation")
    op.drop_index(op.f("ix_survey_invitation_at"), table_name="survey_invitation")
    op.drop_table("survey_invitation")
    op.drop_index(op.f("ix_staff_code_staff_id"), table_name="staff_code")
    op.drop_index(op.f("ix_staff_code_digest"), table_name="staff_code")
    op.drop_table("staff_code")
    op.drop_index(op.f("ix_schedule_run_status"), table_name="schedule_run")
    op.drop_table("schedule_run")
    op.drop_index(op.f("ix_point_entry_owner_id"), table_name="point_entry")
    op.drop_table("point_entry")
    op.drop_index(op.f("ix_phone_event_owner_id"), table_name="phone_event")
    op.drop_table("phone_event")
    op.drop_index("ix_owner_tag_tag_id_owner_id", table_name="owner_tag")
    op.drop_index(
        "ix_owner_tag_expires_at",
        table_name="owner_tag",
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.drop_table("owner_tag")
    op.drop_index(op.f("ix_owner_merge_owner_id"), table_name="owner_merge")
    op.drop_table("owner_merge")
    op.drop_index("ix_offer_kind_status", table_name="offer")
    op.drop_table("offer")
    op.drop_index(op.f("ix_follower_owner_id"), table_name="follower")
    op.drop_table("follower")
    op.drop_table("estate_service")
    op.drop_table("console_account")
    op.drop_index(op.f("ix_consent_owner_id"), table_name="consent")
    op.drop_index(op.f("ix_consent_openid"), table_name="consent")
    op.drop_table("consent")
    op.drop_table("building")
    op.drop_index("ix_account_change_openid", table_name="account_change")
    op.drop_index(
        "ix_account_change_open",
        table_name="account_change",
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.drop_table("account_change")
    op.drop_index("ix_unheard_status_times", table_name="unheard")
    op.drop_table("unheard")
    op.drop_index(op.f("ix_tag_roll_page_dies_at"), table_name="tag_roll_page")
    op.drop_table("tag_roll_page")
    op.drop_index("ix_tag_roll_mark_tag_id_page", table_name="tag_roll_mark")
    op.drop_table("tag_roll_mark")
    op.drop_table("tag_roll")
    op.drop_table("tag")
    op.drop_index(op.f("ix_staff_role"), table_name="staff")
    op.drop_index(op.f("ix_staff_name"), table_name="staff")
    op.drop_table("staff")
    op.drop_index("ix_sign_in_attempt_login_address", table_name="sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_at"), table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_table("segment")
    op.drop_table("sealing_mark")
    op.drop_index(op.f("ix_script_run_started_at"), table_name="script_run")
    op.drop_index("ix_script_run_script_openid", table_name="script_run")
    op.drop_index("ix_script_run_script_building_id", table_name="script_run")
    op.drop_index(op.f("ix_script_run_owner_id"), table_name="script_run")
    op.drop_table("script_run")
    op.drop_table("script_revision")
    op.drop_table("schedule")
    op.drop_index(op.f("ix_push_stop_openid"), table_name="push_stop")
    op.drop_table("push_stop")
    op.drop_index(op.f("ix_personal_export_status"), table_name="personal_export")
    op.drop_index(op.f("ix_personal_export_owner_id"), table_name="personal_export")
    op.drop_index(op.f("ix_personal_export_openid"), table_name="personal_export")
    op.drop_table("personal_export")
    op.drop_index(op.f("ix_owner_distinct_second_id"), table_name="owner_distinct")
    op.drop_table("owner_distinct")
    op.drop_index(op.f("ix_owner_phone"), table_name="owner")
    op.drop_index(op.f("ix_owner_name"), table_name="owner")
    op.drop_index(
        "ix_owner_doubted",
        table_name="owner",
        sqlite_where=sa.text("phone_state NOT IN ('待核', '有效')"),
        postgresql_where=sa.text("phone_state NOT IN ('待核', '有效')"),
    )
    op.drop_table("owner")
    op.drop_index("ix_outbox_status_due_at", table_name="outbox")
    op.drop_index(op.f("ix_outbox_openid"), table_name="outbox")
    op.drop_index(op.f("ix_outbox_message_id"), table_name="outbox")
    op.drop_index(op.f("ix_outbox_created_at"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("number_series")
    op.drop_index(op.f("ix_job_state"), table_name="job")
    op.drop_index(op.f("ix_job_expires_at"), table_name="job")
    op.drop_index(op.f("ix_job_by"), table_name="job")
    op.drop_table("job")
    op.drop_index(op.f("ix_inbound_message_openid"), table_name="inbound_message")
    op.drop_index(op.f("ix_inbound_message_at"), table_name="inbound_message")
    op.drop_table("inbound_message")
    op.drop_index(op.f("ix_erasure_status"), table_name="erasure")
    op.drop_index(op.f("ix_erasure_openid"), table_name="erasure")
    op.drop_table("erasure")
    op.drop_table("early_report")
    op.drop_index(op.f("ix_conversation_timer_at"), table_name="conversation")
    op.drop_index(op.f("ix_conversation_script"), table_name="conversation")
    op.drop_table("conversation")
    op.drop_table("consent_text")
    op.drop_table("community")
    op.drop_index(op.f("ix_bind_attempt_openid"), table_name="bind_attempt")
    op.drop_table("bind_attempt")
    op.drop_table("audit_chain")
    op.drop_index(
        "ix_audit_unsealed", table_name="audit", sqlite_where=sa.text("hash IS NULL"), postgresql_where=sa.text("hash IS NULL")
    )
    op.drop_index(op.f("ix_audit_at"), table_name="audit")
    op.drop_index("ix_audit_action_at_by", table_name="audit")
    op.drop_table("audit")
    op.drop_table("account_tag")
    op.drop_table("account_run")
    op.drop_table("account_pause")
    op.drop_index(op.f("ix_account_mark_openid"), table_name="account_mark")
    op.drop_table("account_mark")
    op.drop_index("ix_account_follower_status_due_at", table_name="account_follower")
    op.drop_index(op.f("ix_account_follower_stale_at"), table_name="account_follower")
    op.drop_index(op.f("ix_account_follower_listed_at"), table_name="account_follower")
    op.drop_table("account_follower")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_guard")
        op.execute("DROP FUNCTION audit_chain_guard")
        op.execute("DROP FUNCTION owner_tag_mark")
