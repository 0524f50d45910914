using System.Collections.Immutable;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Who a request comes from.</summary>
/// <param name="Name">As in <c>kubernetes-admin</c> or <c>system:serviceaccount:default:default</c>.</param>
/// <param name="Groups">The groups, <c>system:authenticated</c> or <c>system:unauthenticated</c> included.</param>
public sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    /// <summary>An identity that does not change when names do; empty where there is none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>What else the authenticator knows.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = ImmutableDictionary<string, IReadOnlyList<string>>.Empty;

    /// <summary>Who brings no credentials.</summary>
    public static UserInfo Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    /// <summary>What the controllers have in common: their caches.</summary>
    public static UserInfo ControllerManager { get; } = new("system:kube-controller-manager", [WellKnownGroups.Authenticated]);

    /// <summary>The scheduler.</summary>
    public static UserInfo Scheduler { get; } = new("system:kube-scheduler", [WellKnownGroups.Authenticated]);

    /// <summary>A controller, by the name of its account.</summary>
    public static UserInfo Controller(string account) => ServiceAccount("kube-system", account);

    /// <summary>The kubelet of a node.</summary>
    public static UserInfo Kubelet(string nodeName) => new($"system:node:{nodeName}", ["system:nodes", WellKnownGroups.Authenticated]);

    /// <summary>A ServiceAccount, whether or not there is an object of that name.</summary>
    public static UserInfo ServiceAccount(string @namespace, string name) => new(
        WellKnownGroups.ServiceAccountUser(@namespace, name),
        [WellKnownGroups.ServiceAccounts, $"{WellKnownGroups.ServiceAccounts}:{@namespace}", WellKnownGroups.Authenticated]);
}
