//! The journeys, in the order they are run.

use e2e::harness::{self, Journey};
use std::process::ExitCode;

mod accessibility;
mod bad_input;
mod cancelling;
mod comparing;
mod exporting;
mod first_visit;
mod hosting;
mod keyboard;
mod memory;
mod opening;
mod pictures;
mod registry;
mod retention;
mod run;
mod run_sheet;
mod signatures;
mod sources;
mod tensor_views;
mod trust;
mod urls;
mod values;
mod verifying;

const JOURNEYS: &[Journey] = &[
    Journey::new("the_page_starts", first_visit::the_page_starts).in_both(),
    Journey::new("the_sample_opens", first_visit::the_sample_opens).in_both(),
    Journey::new("the_rest_comes_when_needed", first_visit::the_rest_comes_when_needed),
    Journey::new("a_zip_of_a_run_opens", opening::a_zip_of_a_run).in_both(),
    Journey::new("a_folder_opens", opening::a_folder).in_both(),
    Journey::new("a_dropped_folder_opens", opening::a_dropped_folder),
    Journey::new("a_lone_npz_opens", opening::a_lone_npz),
    Journey::new("a_lone_safetensors_opens", opening::a_lone_safetensors),
    Journey::new("shards_picked_together_are_one_checkpoint", opening::shards),
    Journey::new("an_address_opens_by_its_header_alone", urls::typed).in_both(),
    Journey::new("a_link_opens_what_it_names", urls::linked),
    Journey::new("a_link_compares_what_it_names", urls::compared).in_both(),
    Journey::new("an_address_without_a_file_is_a_problem", urls::refused).allowing(&["404"]),
    Journey::new("a_bad_and_a_missing_file_fail_the_manifest", verifying::one_bad_one_missing).in_both(),
    Journey::new("a_run_without_manifest_is_unverified", verifying::no_manifest),
    Journey::new("a_manifest_can_come_later", verifying::manifest_later).in_both(),
    Journey::new("a_signature_is_checked_with_the_key_that_is_given", signatures::every_kind).in_both(),
    Journey::new("a_key_is_given_in_any_way", signatures::every_way),
    Journey::new("copies_in_other_containers_hold_the_same", verifying::same_content),
    Journey::new("two_checkpoints_compare_as_python_says", comparing::two_checkpoints).in_both(),
    Journey::new("weights_compare_as_numpy_says", comparing::weights),
    Journey::new("what_digests_tell_is_not_read_again", comparing::by_digest).in_both(),
    Journey::new("direction_and_tolerance_can_be_set", comparing::direction_and_tolerance),
    Journey::new("a_comparison_can_be_turned_round", comparing::swapping),
    Journey::new("a_linear_nexus_run_moves_as_numpy_says", run_sheet::linear_nexus).in_both(),
    Journey::new("a_codex_run_moves_as_torch_says", run_sheet::codex).in_both(),
    Journey::new("a_prism_run_moves_as_torch_says", run_sheet::prism).in_both(),
    Journey::new("a_run_of_torch_files_moves_as_torch_says", run_sheet::torch_files).in_both(),
    Journey::new("a_cookbook_run_has_a_sheet_without_weights", run_sheet::tinker_cookbook).in_both(),
    Journey::new("codex_values_are_those_of_torch", values::codex).in_both(),
    Journey::new("linear_nexus_values_are_those_of_numpy", values::linear_nexus).in_both(),
    Journey::new("prism_values_are_those_of_torch", values::prism).in_both(),
    Journey::new("torch_file_values_are_those_of_torch", values::torch_files).in_both(),
    Journey::new("tinker_adapters_are_compared_by_what_they_add", values::tinker).in_both(),
    Journey::new("the_difference_of_a_tensor_is_told_by_the_keyboard", values::difference).in_both(),
    Journey::new("modules_are_rolled_up_and_sorted", values::modules).in_both(),
    Journey::new("a_verification_can_be_cancelled", cancelling::a_long_verification).in_both(),
    Journey::new("the_report_tells_all_that_was_done", exporting::everything).in_both(),
    Journey::new("a_retention_plan_is_in_the_report", retention::a_plan),
    Journey::new("a_codex_tensor_is_told_as_torch_has_it", tensor_views::codex).in_both(),
    Journey::new("a_linear_nexus_tensor_is_told_as_numpy_has_it", tensor_views::linear_nexus).in_both(),
    Journey::new("a_prism_tensor_is_told_as_torch_has_it", tensor_views::prism).in_both(),
    Journey::new("a_torch_file_tensor_is_told_as_torch_has_it", tensor_views::torch_files).in_both(),
    Journey::new("a_tinker_tensor_is_told_as_safetensors_has_it", tensor_views::tinker_archive).in_both(),
    Journey::new("the_tensor_view_is_accessible", tensor_views::accessible),
    Journey::new("no_other_origin_is_sent_the_key", registry::keys::no_other_origin_is_sent_the_key)
        .allowing(registry::keys::FAILURES)
        .in_both(),
    Journey::new("a_key_is_kept_only_when_asked_for", registry::keys::a_key_is_kept_only_when_asked_for)
        .allowing(registry::keys::FAILURES)
        .in_both(),
    Journey::new("a_server_that_ignores_ranges_is_an_offer", registry::bad_servers::one_that_ignores_ranges)
        .allowing(registry::keys::FAILURES)
        .in_both(),
    Journey::new("a_server_without_cors_is_explained", registry::bad_servers::one_without_cors)
        .allowing(registry::keys::FAILURES)
        .in_both(),
    Journey::new("a_dropped_connection_is_taken_up_again", registry::bad_servers::one_that_drops_connections)
        .allowing(registry::keys::FAILURES)
        .in_both(),
    Journey::new("a_busy_server_is_asked_again_when_it_says", registry::bad_servers::one_with_too_many_requests)
        .allowing(registry::keys::FAILURES),
    Journey::new("waiting_for_a_server_is_told", registry::bad_servers::waiting_is_told)
        .allowing(registry::keys::FAILURES),
    Journey::new("a_server_that_lies_is_found_out", registry::bad_servers::one_that_lies)
        .allowing(registry::keys::FAILURES),
    Journey::new("a_registry_that_makes_no_sense_is_told", registry::bad_servers::an_api_that_makes_no_sense)
        .allowing(registry::keys::FAILURES),
    Journey::new("an_archive_cut_short_shows_what_is_whole", registry::bad_servers::an_archive_cut_short)
        .allowing(registry::keys::FAILURES),
    Journey::new("a_real_tinker_server_is_gone_through", registry::tinker::real_with_cors)
        .allowing(registry::keys::FAILURES),
    Journey::new("a_real_tinker_server_without_cors_is_passed_on", registry::tinker::real_without_cors)
        .allowing(registry::keys::FAILURES),
    Journey::new("a_real_mlflow_server_is_gone_through", registry::shelves::real_mlflow)
        .allowing(registry::keys::FAILURES),
    Journey::new("a_real_oci_registry_is_gone_through", registry::shelves::real_oci).allowing(registry::keys::FAILURES),
    Journey::new("an_empty_registry_says_so", registry::shelves::one_that_is_empty).allowing(registry::keys::FAILURES),
    Journey::new("a_token_of_an_oci_registry_goes_where_it_may", registry::tokens::of_a_real_oci_registry)
        .allowing(registry::keys::FAILURES),
    Journey::new("a_token_of_the_hub_stays_there", registry::tokens::of_the_hub_stays_there)
        .allowing(registry::keys::FAILURES)
        .in_both(),
    Journey::new("files_saved_at_once_all_end", registry::saving::several_at_once).allowing(registry::keys::FAILURES),
    Journey::new("a_recorded_tuft_server_is_gone_through", registry::tinker::recorded_tuft)
        .allowing(registry::keys::FAILURES),
    Journey::new("the_production_shapes_are_gone_through", registry::tinker::production_shapes)
        .allowing(registry::keys::FAILURES),
    Journey::new("a_repository_of_the_hub_opens", registry::hub::a_repository_opens).allowing(registry::keys::FAILURES),
    Journey::new("a_folder_is_verified_against_the_hub", registry::hub::a_folder_is_verified_against_it)
        .allowing(registry::keys::FAILURES),
    Journey::new("a_local_copy_is_compared_with_the_hub", registry::hub::a_local_copy_is_compared_with_it)
        .allowing(registry::keys::FAILURES),
    Journey::new("what_the_hub_refuses_is_said", registry::hub::what_it_refuses_is_said)
        .allowing(registry::keys::FAILURES),
    Journey::new("two_sources_of_one_name_stay_apart", sources::same_name),
    Journey::new("a_closed_source_is_gone", sources::closing),
    Journey::new("broken_files_say_why", bad_input::says_why).in_both(),
    Journey::new("bad_files_say_what_and_where", bad_input::says_what_and_where).in_both(),
    Journey::new("hostile_files_keep_a_worker_small", memory::of_hostile_files),
    Journey::new("bombs_keep_a_worker_small", memory::of_bombs),
    Journey::new("a_program_in_a_pickle_is_dangerous", trust::a_dangerous_pickle).in_both(),
    Journey::new("the_keyboard_is_enough", keyboard::the_main_way),
    Journey::new("every_page_is_accessible", accessibility::every_page),
    Journey::new("it_works_under_a_path", hosting::under_a_path).in_both(),
    Journey::new("it_works_offline_on_the_second_visit", hosting::offline).allowing(hosting::NO_SERVER),
    Journey::new("screenshots", pictures::screenshots).when_asked_for(),
];

fn main() -> ExitCode {
    harness::run(JOURNEYS)
}
