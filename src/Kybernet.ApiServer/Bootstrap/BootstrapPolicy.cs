using Kybernet.Api.Json;
using Kybernet.Api.Rbac.V1;

namespace Kybernet.ApiServer.Bootstrap;

/// <summary>The roles and bindings that every cluster starts with.</summary>
public static class BootstrapPolicy
{
    /// <summary>The cluster roles, roles and bindings, those of the controllers included.</summary>
    public static IReadOnlyList<IKubernetesObject> Objects() => RbacFacts.Load();

    /// <summary>The rules of the role <c>system:node</c>, which bound what any kubelet may do.</summary>
    public static IReadOnlyList<PolicyRule> NodeRules() => Objects().OfType<ClusterRole>().Single(role => role.Metadata.Name == "system:node").Rules;
}
