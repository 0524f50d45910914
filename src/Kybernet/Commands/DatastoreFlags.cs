using System.CommandLine;
using Kybernet.Cluster;

namespace Kybernet.Commands;

/// <summary>The flags that say which etcd keeps the objects: by the names that k3s has for them, and by kube-apiserver's.</summary>
internal sealed class DatastoreFlags
{
    private readonly Option<string?> _endpoints = new("--datastore-endpoint", "--etcd-servers") { Description = "Keep objects in this etcd: URLs, separated by commas [default: the last one, or a store in the data directory].", HelpName = "URLS" };
    private readonly Option<string?> _authority = new("--datastore-cafile", "--etcd-cafile") { Description = "The authority of etcd's certificates.", HelpName = "FILE" };
    private readonly Option<string?> _certificate = new("--datastore-certfile", "--etcd-certfile") { Description = "The certificate to show etcd.", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--datastore-keyfile", "--etcd-keyfile") { Description = "That certificate's key.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option<string?>[])[_endpoints, _authority, _certificate, _key])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What was asked for; null where nothing was. Files are named as the background process finds them, wherever it runs.</summary>
    public Datastore? Of(ParseResult parsed) => parsed.GetValue(_endpoints) is { } endpoints
        ? new Datastore(endpoints) { AuthorityFile = PathOf(parsed, _authority), CertificateFile = PathOf(parsed, _certificate), KeyFile = PathOf(parsed, _key) }
        : null;

    /// <summary>The flags again, for that process.</summary>
    public IEnumerable<string> ArgumentsOf(Datastore? datastore)
    {
        foreach (var (option, value) in ((Option<string?>, string?)[])
            [(_endpoints, datastore?.Endpoints), (_authority, datastore?.AuthorityFile), (_certificate, datastore?.CertificateFile), (_key, datastore?.KeyFile)])
        {
            if (value is not null)
            {
                yield return option.Name;
                yield return value;
            }
        }
    }

    private static string? PathOf(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is { } path ? Path.GetFullPath(path) : null;
}
