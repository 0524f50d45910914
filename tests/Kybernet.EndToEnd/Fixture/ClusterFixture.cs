using Kybernet.Client;
using Kybernet.EndToEnd.Fixture;

[assembly: AssemblyFixture(typeof(ClusterFixture))]

namespace Kybernet.EndToEnd.Fixture;

/// <summary>One cluster with a node for all tests; each works in a namespace of its own. At the end it must be gone without a trace.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly KybernetProgram _program = new();
    private int _namespaces;

    internal KybernetProgram Program => _program;

    internal string UpOutput { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            UpOutput = (await _program.UpAsync(TestContext.Current.CancellationToken)).Succeeded();
        }
    }

    /// <summary>Stock kubectl 1.35 in a namespace that is the caller's alone.</summary>
    internal async Task<Kubectl> KubectlAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a node needs root");
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        var kubectl = new Kubectl(Kubectl.Versions[0], _program.Kubeconfig, name);
        await kubectl.RunAsync(cancellationToken, "create", "namespace", name);
        // Pods need the namespace's ServiceAccount, which a controller makes.
        await Eventually.BecomesAsync(
            () => kubectl.TryAsync(cancellationToken, "get", "serviceaccount", "default"), static result => result.ExitCode == 0, cancellationToken);
        return kubectl;
    }

    /// <summary>A namespace that is the caller's alone, seen through the typed client as the administrator.</summary>
    internal async Task<TestNamespace> NamespaceAsync(CancellationToken cancellationToken)
    {
        var kubectl = await KubectlAsync(cancellationToken);
        return new TestNamespace(new ApiClient(new HttpTransport(Kubeconfig.Load(_program.Kubeconfig).Connection(), TimeProvider.System)), kubectl);
    }

    public async ValueTask DisposeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            (await _program.DownAsync(CancellationToken.None)).Succeeded();
            await Leftovers.AssertNoneAsync(_program.DataDir, CancellationToken.None);
        }
        _program.Dispose();
    }
}
