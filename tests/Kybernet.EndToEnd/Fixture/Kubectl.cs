using System.Diagnostics;

namespace Kybernet.EndToEnd.Fixture;

/// <summary>Stock kubectl, of one version, for one cluster and one namespace.</summary>
internal sealed class Kubectl(string program, string kubeconfig, string @namespace)
{
    private readonly Dictionary<string, string> _environment = new()
    {
        ["KUBECONFIG"] = kubeconfig,
        ["KUBE_EDITOR"] = "true",
        // What kubectl keeps of discovery must not come from another cluster on the same port.
        ["KUBECACHEDIR"] = Path.Combine(Path.GetDirectoryName(kubeconfig)!, "kubectl-cache"),
    };

    /// <summary>The versions that the tests have: 1.35, and the machine's own where it has one.</summary>
    public static IReadOnlyList<string> Versions { get; } =
    [
        .. new[] { Path.Combine(Repository.Root, "artifacts/tools/kubectl-1.35"), "/usr/bin/kubectl", "/usr/local/bin/kubectl" }.Where(File.Exists),
    ];

    public string Namespace => @namespace;

    public Kubectl WithEditor(string script)
    {
        var other = new Kubectl(program, kubeconfig, @namespace);
        other._environment["KUBE_EDITOR"] = script;
        return other;
    }

    public Kubectl OfVersion(string other) => new(other, kubeconfig, @namespace);

    /// <summary>Runs a command that may fail.</summary>
    public Task<Result> TryAsync(CancellationToken cancellationToken, params string[] arguments) =>
        Shell.RunAsync(program, ["--namespace", @namespace, .. arguments], "", _environment, cancellationToken);

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        (await TryAsync(cancellationToken, arguments)).Succeeded();

    /// <summary>Runs a command with something on its standard input.</summary>
    public Task<Result> FeedAsync(string input, CancellationToken cancellationToken, params string[] arguments) =>
        Shell.RunAsync(program, ["--namespace", @namespace, .. arguments], input, _environment, cancellationToken);

    /// <summary>Starts a command that goes on until it is ended.</summary>
    public Process Start(params string[] arguments) => Shell.Start(program, ["--namespace", @namespace, .. arguments], _environment);

    /// <summary>One value of one object.</summary>
    public Task<string> ReadAsync(CancellationToken cancellationToken, string kind, string name, string path) =>
        RunAsync(cancellationToken, "get", kind, name, "-o", $"jsonpath={path}");
}
