using Kybernet.Api;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Json;
using Kybernet.Client;
using Kybernet.Network.Gateways.Attachment;

namespace Kybernet.Network.Gateways.Statuses;

/// <summary>Tells in each policy's status what became of it at a Gateway, as <see cref="RouteStatuses"/> does for routes.</summary>
internal sealed class PolicyStatuses(ApiClient client, ILister<BackendTLSPolicy> policies, BackendTlsPolicies judge, TimeProvider time)
{
    private const int MaxAncestors = 16;

    /// <summary>Says of all policies how they stand to a Gateway.</summary>
    /// <param name="gateway">The Gateway.</param>
    /// <param name="backends">The Services that its routes refer to; none where it is gone, or no longer ours.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WriteAsync(NamespacedName gateway, IReadOnlySet<NamespacedName> backends, CancellationToken cancellationToken)
    {
        foreach (var policy in policies.List())
        {
            var verdicts = BackendTlsPolicies.ServicesOf(policy)
                .Select(name => new NamespacedName(policy.Metadata.Namespace ?? "", name[(name.IndexOf('/') + 1)..]))
                .Where(backends.Contains)
                .Select(service => judge.Judge(service).First(verdict => verdict.Policy.Metadata.Uid == policy.Metadata.Uid))
                .ToList();
            var others = policy.Status.Ancestors.Where(ancestor => !IsOwn(ancestor, policy, gateway)).ToList();
            var ancestors = verdicts.Count == 0 || others.Count == MaxAncestors
                ? others
                : [.. others, StatusOf(policy, gateway, verdicts.FirstOrDefault(static verdict => verdict.Invalid is null) ?? verdicts[0])];
            var status = policy.Status with { Ancestors = ancestors };
            if (!ModelJson.Same(status, policy.Status))
            {
                await client.UpdateStatusAsync(policy with { Status = status }, cancellationToken);
            }
        }
    }

    private static bool IsOwn(PolicyAncestorStatus ancestor, BackendTLSPolicy policy, NamespacedName gateway) =>
        ancestor.ControllerName == GatewayApi.Controller && Route.GatewayOf(policy.Metadata, ancestor.AncestorRef) == gateway;

    private PolicyAncestorStatus StatusOf(BackendTLSPolicy policy, NamespacedName gateway, PolicyVerdict verdict)
    {
        var known = policy.Status.Ancestors.FirstOrDefault(ancestor => IsOwn(ancestor, policy, gateway));
        return new PolicyAncestorStatus
        {
            AncestorRef = new ParentReference { Group = GatewayApi.Group, Kind = GatewayApi.Kinds.Gateway, Namespace = gateway.Namespace, Name = gateway.Name },
            ControllerName = GatewayApi.Controller,
            Conditions = new ConditionList(known?.Conditions ?? [], policy.Metadata.Generation, time.GetUtcNow())
                .SetGood(GatewayApi.Conditions.Accepted, verdict.Invalid)
                .SetGood(GatewayApi.Conditions.ResolvedRefs, verdict.Unresolved).All,
        };
    }
}
