namespace Kybernet.Testing;

/// <summary>Sets of controllers for <see cref="TestClusterOptions.Controllers"/>.</summary>
public static class TestControllers
{
    /// <summary>None: nothing happens but what the test does.</summary>
    public static IReadOnlyList<string> None { get; } = [];

    /// <summary>Those that make an API server behave: owned objects are collected, namespaces go away, ServiceAccounts are there.</summary>
    public static IReadOnlyList<string> Core { get; } =
    [
        "namespace-controller",
        "garbage-collector-controller",
        "serviceaccount-controller",
        "resourcequota-controller",
        "validatingadmissionpolicy-status-controller",
    ];

    /// <summary>All that a cluster has: Deployments make pods, claims get volumes, Services get endpoints.</summary>
    public static IReadOnlyList<string> All { get; } = ["*"];
}
