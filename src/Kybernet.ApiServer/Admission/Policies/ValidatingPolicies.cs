using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Admission.Expressions;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>Holds requests to ValidatingAdmissionPolicies.</summary>
internal sealed class ValidatingPolicies(IObjectFeeds feeds, PolicySelector selector, AdmissionBindings requests) : AdmissionPlugin, IDisposable
{
    private readonly PolicyFeed<ValidatingPolicyBody> _feed = new(feeds, "validatingadmissionpolicies", Policy, "validatingadmissionpolicybindings", Binding);

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        PolicySelector.MayBeAbout(_feed.Current, operation, resource, subresource);

    public void Dispose() => _feed.Dispose();

    /// <inheritdoc/>
    protected override void Validate(AdmissionRequest request)
    {
        ApiError? refusal = null;
        CelBindings? about = null;
        foreach (var invocation in selector.Select(_feed.Current, request))
        {
            about ??= requests.Of(request);
            foreach (var verdict in Judge(invocation, about))
            {
                if (!verdict.IsFailure || !invocation.Hook.Definition.IgnoresFailures)
                {
                    // All policies are asked, since they may have something to warn of; the first that refuses is told.
                    refusal ??= Act(request, invocation, verdict);
                }
            }
        }
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    private static (PolicyDefinition Definition, Func<ValidatingPolicyBody> Body) Policy(EncodedObject item)
    {
        var policy = item.As<ValidatingAdmissionPolicy>();
        var definition = PolicyDefinition.Of(item.Key.Name, policy.Spec.MatchConstraints, policy.Spec.ParamKind, policy.Spec.FailurePolicy);
        var body = new Lazy<ValidatingPolicyBody>(() => new ValidatingPolicyBody(policy.Spec));
        return (definition, () => body.Value);
    }

    private static PolicyBinding Binding(EncodedObject item)
    {
        var spec = item.As<ValidatingAdmissionPolicyBinding>().Spec;
        return PolicyBinding.Of(item.Key.Name, spec.PolicyName, spec.MatchResources, spec.ParamRef, spec.ValidationActions);
    }

    private static List<PolicyVerdict> Judge(PolicyInvocation<ValidatingPolicyBody> invocation, CelBindings about)
    {
        if (invocation.Problem is { } problem)
        {
            return [new PolicyVerdict(problem, "", IsFailure: true)];
        }
        var bindings = new CelBindings(about).Set(AdmissionEnvironment.Parameters, invocation.Parameters);
        try
        {
            return [.. invocation.Hook.Body().Judge(bindings)];
        }
        catch (ExpressionException exception)
        {
            return [new PolicyVerdict(exception.Message, "", IsFailure: true)];
        }
    }

    private static ApiError? Act(AdmissionRequest request, PolicyInvocation<ValidatingPolicyBody> invocation, PolicyVerdict verdict)
    {
        var (policy, binding) = (invocation.Hook.Definition.Name, invocation.Binding!);
        if (binding.Actions.Contains("Warn"))
        {
            request.Warnings.Add($"Validation failed for ValidatingAdmissionPolicy '{policy}' with binding '{binding.Name}': {verdict.Message}");
        }
        // A binding that cannot be applied refuses whatever its actions are.
        return binding.Actions.Contains("Deny") || invocation.Problem is not null
            ? Refusal(request, $"ValidatingAdmissionPolicy '{policy}' with binding '{binding.Name}' denied request: {verdict.Message}", verdict.Reason)
            : null;
    }

    private static ApiError Refusal(AdmissionRequest request, string message, string reason)
    {
        var status = ApiError.Forbidden(request.Resource.GroupResource, request.Name, message).Status;
        return new ApiError(status with
        {
            Reason = reason.Length == 0 ? "Invalid" : reason,
            Code = reason switch
            {
                "Forbidden" => 403,
                "Unauthorized" => 401,
                "RequestEntityTooLarge" => 413,
                _ => 422,
            },
            Details = status.Details! with { Causes = [new StatusCause { Message = message }] },
        });
    }
}
