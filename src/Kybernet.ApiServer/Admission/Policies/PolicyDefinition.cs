using Kybernet.Api.Admissionregistration.V1;
using Kybernet.ApiServer.Admission.Matching;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>What policies that judge and policies that change have in common.</summary>
/// <param name="Name">The policy's name.</param>
/// <param name="Matcher">Which requests it is about.</param>
/// <param name="ParameterKind">The kind of its settings; null for none.</param>
/// <param name="IgnoresFailures">Whether a request may go on that the policy could not look at.</param>
internal sealed record PolicyDefinition(string Name, RequestMatcher Matcher, ParamKind? ParameterKind, bool IgnoresFailures)
{
    public static PolicyDefinition Of(string name, MatchResources? resources, ParamKind? parameters, string? failurePolicy) =>
        new(name, new RequestMatcher(resources ?? new MatchResources()), parameters, failurePolicy == "Ignore");
}

/// <summary>What puts a policy in force.</summary>
/// <param name="Name">The binding's name.</param>
/// <param name="Policy">The policy's.</param>
/// <param name="Matcher">Which of the policy's requests are meant; null for all.</param>
/// <param name="Parameters">Where the policy's settings are; null for none.</param>
/// <param name="Actions">What is done with what the policy turns away.</param>
internal sealed record PolicyBinding(string Name, string Policy, RequestMatcher? Matcher, ParamRef? Parameters, IReadOnlyList<string> Actions)
{
    public static PolicyBinding Of(string name, string policy, MatchResources? resources, ParamRef? parameters, IReadOnlyList<string> actions) =>
        new(name, policy, resources is null ? null : new RequestMatcher(resources), parameters, actions);
}

/// <summary>A policy that is in force.</summary>
/// <param name="Definition">What it is about.</param>
/// <param name="Body">What it says; compiled when it is first asked for.</param>
/// <param name="Bindings">What puts it in force.</param>
internal sealed record PolicyHook<T>(PolicyDefinition Definition, Func<T> Body, IReadOnlyList<PolicyBinding> Bindings);

/// <summary>A policy to be applied to a request.</summary>
/// <param name="Hook">The policy.</param>
/// <param name="Binding">What puts it in force; null where the policy itself is the problem.</param>
/// <param name="Parameters">Its settings; null for none.</param>
/// <param name="Problem">Why it cannot be applied; null for nothing.</param>
internal sealed record PolicyInvocation<T>(PolicyHook<T> Hook, PolicyBinding? Binding, System.Text.Json.Nodes.JsonNode? Parameters, string? Problem = null);
