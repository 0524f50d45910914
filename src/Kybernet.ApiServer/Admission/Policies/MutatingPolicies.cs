using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Admission.Expressions;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>Lets MutatingAdmissionPolicies change objects.</summary>
internal sealed class MutatingPolicies(IObjectFeeds feeds, PolicySelector selector, AdmissionBindings requests, EndpointRegistry endpoints) : AdmissionPlugin, IDisposable
{
    private readonly PolicyFeed<MutatingPolicyBody> _feed = new(feeds, "mutatingadmissionpolicies", Policy, "mutatingadmissionpolicybindings", Binding);

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation is AdmissionOperation.Create or AdmissionOperation.Update && PolicySelector.MayBeAbout(_feed.Current, operation, resource, subresource);

    public void Dispose() => _feed.Dispose();

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request.Object is not { } item || endpoints.Find(request.Resource) is not { } endpoint)
        {
            return;
        }
        var refusals = new List<string>();
        var schema = endpoint.Stored.Schema;
        List<PolicyInvocation<MutatingPolicyBody>> repeatable = [];
        foreach (var invocation in selector.Select(_feed.Current, request).ToList())
        {
            var isChanged = Apply(invocation, request, schema, refusals);
            if (isChanged)
            {
                // Each policy before this one sees what it changed, once.
                foreach (var earlier in repeatable.ToList())
                {
                    Apply(earlier, request, schema, refusals);
                    repeatable.Remove(earlier);
                }
            }
            if (invocation.Problem is null && invocation.Hook.Body().IsRepeatable)
            {
                repeatable.Add(invocation);
            }
        }
        if (refusals.Count > 0)
        {
            throw Refusal(request, refusals);
        }
    }

    private static (PolicyDefinition Definition, Func<MutatingPolicyBody> Body) Policy(EncodedObject item)
    {
        var policy = item.As<MutatingAdmissionPolicy>();
        var definition = PolicyDefinition.Of(item.Key.Name, policy.Spec.MatchConstraints, policy.Spec.ParamKind, policy.Spec.FailurePolicy);
        var body = new Lazy<MutatingPolicyBody>(() => new MutatingPolicyBody(policy.Spec));
        return (definition, () => body.Value);
    }

    private static PolicyBinding Binding(EncodedObject item)
    {
        var spec = item.As<MutatingAdmissionPolicyBinding>().Spec;
        return PolicyBinding.Of(item.Key.Name, spec.PolicyName ?? "", spec.MatchResources, spec.ParamRef, []);
    }

    /// <summary>Applies a policy; true where it changed the object.</summary>
    private bool Apply(PolicyInvocation<MutatingPolicyBody> invocation, AdmissionRequest request, TypeSchema schema, List<string> refusals)
    {
        var problems = new List<string>();
        var before = request.Object!;
        var after = before;
        if (invocation.Problem is { } problem)
        {
            problems.Add(problem);
        }
        else
        {
            var about = new CelBindings(requests.Of(request)).Set(AdmissionEnvironment.Parameters, invocation.Parameters);
            try
            {
                var body = invocation.Hook.Body();
                after = body.Matches(about) ? body.Apply(before, schema, about, problems) : before;
            }
            catch (ExpressionException exception)
            {
                problems.Add(exception.Message);
            }
        }
        if (!invocation.Hook.Definition.IgnoresFailures)
        {
            refusals.AddRange(problems.Select(text => $"policy '{invocation.Hook.Definition.Name}' with binding '{invocation.Binding!.Name}' denied request: {text}"));
        }
        if (ReferenceEquals(before, after) || JsonValues.Same(before, after))
        {
            return false;
        }
        JsonValues.Replace(before, after);
        request.IsChanged = true;
        return true;
    }

    private static ApiError Refusal(AdmissionRequest request, List<string> messages)
    {
        var status = ApiError.Forbidden(request.Resource.GroupResource, request.Name, messages[0]).Status;
        return new ApiError(status with
        {
            Message = messages[0],
            Reason = "Invalid",
            Details = status.Details! with { Causes = [.. messages.Select(static message => new StatusCause { Message = message })] },
        });
    }
}
