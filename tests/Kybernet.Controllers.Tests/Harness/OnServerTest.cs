namespace Kybernet.Controllers.Tests;

/// <summary>Tests of what takes the real API server: its defaults, its finalizers, its selectors.</summary>
public abstract class OnServerTest : ClusterTest
{
    private protected override ServerInProcess Server { get; } = new();
}
