using Kybernet.Api;
using Kybernet.ApiServer.Admission.Matching;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>Which policies are to be applied to a request, and with which settings.</summary>
internal sealed class PolicySelector(IObjectFeeds feeds, PolicyParameters parameters)
{
    private const string Group = "admissionregistration.k8s.io";

    private readonly NamespaceLabels _namespaces = new(feeds);

    /// <summary>Whether any policy can be about such requests; none is about policies, so that nobody can lock everybody out.</summary>
    public static bool MayBeAbout<T>(PolicyHook<T>[] hooks, AdmissionOperation operation, GroupVersionResource resource, string subresource)
    {
        foreach (var hook in hooks)
        {
            if (hook.Definition.Matcher.MayBeAbout(operation, resource, subresource))
            {
                return !IsPolicy(resource);
            }
        }
        return false;
    }

    /// <summary>The policies to apply, in order.</summary>
    public IEnumerable<PolicyInvocation<T>> Select<T>(PolicyHook<T>[] hooks, AdmissionRequest request)
    {
        var labels = _namespaces.Of(request);
        foreach (var hook in hooks)
        {
            if (!hook.Definition.Matcher.IsAbout(request, needsRule: true, labels))
            {
                continue;
            }
            foreach (var binding in hook.Bindings)
            {
                if (binding.Matcher?.IsAbout(request, needsRule: false, labels) == false)
                {
                    continue;
                }
                foreach (var invocation in Invocations(hook, binding, request))
                {
                    yield return invocation;
                }
            }
        }
    }

    private static bool IsPolicy(GroupVersionResource resource) => resource is
    {
        Group: Group,
        Resource: "validatingadmissionpolicies" or "validatingadmissionpolicybindings" or "mutatingadmissionpolicies" or "mutatingadmissionpolicybindings",
    };

    private IEnumerable<PolicyInvocation<T>> Invocations<T>(PolicyHook<T> hook, PolicyBinding binding, AdmissionRequest request)
    {
        try
        {
            return parameters.Find(hook.Definition.ParameterKind, binding.Parameters, request.Namespace)
                .Select(settings => new PolicyInvocation<T>(hook, binding, settings));
        }
        catch (PolicyException exception)
        {
            return [new PolicyInvocation<T>(hook, binding, null, $"failed to configure binding: {exception.Message}")];
        }
    }
}
