using System.Text;
using YamlDotNet.RepresentationModel;

namespace Kybernet.Client;

/// <summary>
/// What kubeconfig files say: clusters, users and the contexts that join them. Of several files, the first that says something about a name counts.
/// </summary>
public sealed class Kubeconfig
{
    private readonly Dictionary<string, Entry> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _contexts = new(StringComparer.Ordinal);

    /// <summary>The context that is meant where none is named; empty where the files name none.</summary>
    public string CurrentContext { get; private set; } = "";

    /// <summary>The names of all contexts.</summary>
    public IReadOnlyCollection<string> Contexts => _contexts.Keys;

    /// <summary>Reads one file.</summary>
    /// <exception cref="KubeconfigException">It cannot be read, or is no kubeconfig.</exception>
    public static Kubeconfig Load(string path)
    {
        var config = new Kubeconfig();
        config.Merge(path);
        return config;
    }

    /// <summary>Reads the files that kubectl would: those of <c>KUBECONFIG</c>, or <c>~/.kube/config</c>. One that does not exist says nothing.</summary>
    /// <exception cref="KubeconfigException">One cannot be read, or is no kubeconfig.</exception>
    public static Kubeconfig LoadDefault()
    {
        var variable = Environment.GetEnvironmentVariable("KUBECONFIG");
        var paths = string.IsNullOrEmpty(variable)
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")]
            : variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var config = new Kubeconfig();
        foreach (var path in paths.Where(File.Exists))
        {
            config.Merge(path);
        }
        return config;
    }

    /// <summary>What a pod's service account says; null outside of a pod.</summary>
    /// <param name="directory">Where the account is mounted: <c>/var/run/secrets/kubernetes.io/serviceaccount</c>.</param>
    /// <exception cref="KubeconfigException">The account's files cannot be read.</exception>
    public static ConnectionSettings? InCluster(string directory) =>
        OfAccount(directory, Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"), Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT"));

    internal static ConnectionSettings? OfAccount(string directory, string? host, string? port)
    {
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            return null;
        }
        var bracketed = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        var namespaceFile = Path.Combine(directory, "namespace");
        return new ConnectionSettings(new Uri($"https://{bracketed}:{port}"))
        {
            TokenFile = Path.Combine(directory, "token"),
            CertificateAuthority = ReadFile(Path.Combine(directory, "ca.crt")),
            Namespace = File.Exists(namespaceFile) ? ReadFile(namespaceFile).Trim() : "",
        };
    }

    /// <summary>How to connect in a context; in the current one where the name is null.</summary>
    /// <exception cref="KubeconfigException">The context, its cluster or its user is missing, or names files that cannot be read.</exception>
    public ConnectionSettings Connection(string? context = null)
    {
        var name = context ?? CurrentContext;
        if (!_contexts.TryGetValue(name, out var chosen))
        {
            throw new KubeconfigException(name.Length == 0 ? "no context is chosen: current-context is not set" : $"context \"{name}\" does not exist");
        }
        var cluster = Named(_clusters, chosen.Text("cluster"), "cluster", name);
        var user = chosen.Text("user") is { Length: > 0 } userName ? Named(_users, userName, "user", name) : new Entry(new YamlMappingNode(), "");
        if (!Uri.TryCreate(cluster.Text("server"), UriKind.Absolute, out var server))
        {
            throw new KubeconfigException($"the cluster of context \"{name}\" has no server address");
        }
        if (user.Has("exec") || user.Has("auth-provider"))
        {
            throw new KubeconfigException($"the user of context \"{name}\" gets its credentials from a plugin, which is not supported");
        }
        return new ConnectionSettings(server)
        {
            CertificateAuthority = cluster.Data("certificate-authority"),
            SkipTlsVerify = cluster.Text("insecure-skip-tls-verify") == "true",
            TlsServerName = cluster.Text("tls-server-name"),
            Proxy = cluster.Text("proxy-url") is { Length: > 0 } proxy ? new Uri(proxy) : null,
            ClientCertificate = user.Inline("client-certificate"),
            ClientKey = user.Inline("client-key"),
            ClientCertificateFile = user.Inline("client-certificate") is null ? user.FilePath("client-certificate") : null,
            ClientKeyFile = user.Inline("client-key") is null ? user.FilePath("client-key") : null,
            Token = user.Text("token"),
            TokenFile = user.FilePath("tokenFile"),
            Username = user.Text("username"),
            Password = user.Text("password"),
            Namespace = chosen.Text("namespace") ?? "",
        };
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException(exception.Message, exception);
        }
    }

    private static Entry Named(Dictionary<string, Entry> entries, string? name, string what, string context) =>
        name is not null && entries.TryGetValue(name, out var entry)
            ? entry
            : throw new KubeconfigException($"the {what} \"{name}\" of context \"{context}\" does not exist");

    private void Merge(string path)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(ReadFile(path)));
        }
        catch (YamlDotNet.Core.YamlException exception)
        {
            throw new KubeconfigException($"{path} is no YAML: {exception.Message}", exception);
        }
        if (yaml.Documents.Count == 0)
        {
            return;
        }
        if (yaml.Documents[0].RootNode is not YamlMappingNode root)
        {
            throw new KubeconfigException($"{path} is no kubeconfig");
        }
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var whole = new Entry(root, directory);
        CurrentContext = CurrentContext.Length > 0 ? CurrentContext : whole.Text("current-context") ?? "";
        whole.AddTo(_clusters, "clusters", "cluster");
        whole.AddTo(_users, "users", "user");
        whole.AddTo(_contexts, "contexts", "context");
    }

    /// <summary>A mapping of a file, and the directory that the file's relative paths start from.</summary>
    private sealed record Entry(YamlMappingNode Node, string Directory)
    {
        public bool Has(string name) => Node.Children.ContainsKey(new YamlScalarNode(name));

        public string? Text(string name) => Node.Children.TryGetValue(new YamlScalarNode(name), out var value) ? (value as YamlScalarNode)?.Value : null;

        public string? FilePath(string name) => Text(name) is { Length: > 0 } path ? Path.Combine(Directory, path) : null;

        /// <summary>What <c>name-data</c> holds in base64; null where it is absent.</summary>
        public string? Inline(string name)
        {
            if (Text(name + "-data") is not { Length: > 0 } encoded)
            {
                return null;
            }
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
            }
            catch (FormatException exception)
            {
                throw new KubeconfigException($"{name}-data is not base64", exception);
            }
        }

        /// <summary>What <c>name-data</c> holds in base64, or the file that <c>name</c> names.</summary>
        public string? Data(string name) => Inline(name) ?? (FilePath(name) is { } path ? ReadFile(path) : null);

        public void AddTo(Dictionary<string, Entry> entries, string list, string member)
        {
            if (!Node.Children.TryGetValue(new YamlScalarNode(list), out var items) || items is not YamlSequenceNode sequence)
            {
                return;
            }
            foreach (var item in sequence)
            {
                if (item is YamlMappingNode mapping && new Entry(mapping, Directory) is var named && named.Text("name") is { } name
                    && mapping.Children.TryGetValue(new YamlScalarNode(member), out var value) && value is YamlMappingNode content)
                {
                    entries.TryAdd(name, new Entry(content, Directory));
                }
            }
        }
    }
}
