using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Authentication.Tokens;

/// <summary>Whether what a token is bound to is still there: a token dies with its ServiceAccount, and with the Pod, Secret or Node that it names.</summary>
internal sealed class BoundObjects(IObjectFeeds feeds, TimeProvider time)
{
    /// <summary>An object that is being deleted vouches a little longer, so that what shuts down can still say so.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(60);

    private readonly IObjectFeed _accounts = feeds.Of(RbacResources.ServiceAccounts);
    private readonly IObjectFeed _pods = feeds.Of(RbacResources.Pods);
    private readonly IObjectFeed _secrets = feeds.Of(RbacResources.Secrets);
    private readonly IObjectFeed _nodes = feeds.Of(RbacResources.Nodes);

    public ServiceAccount? ServiceAccount(string @namespace, string name) => _accounts.Find(@namespace, name)?.As<ServiceAccount>();

    public Pod? Pod(string @namespace, string name) => _pods.Find(@namespace, name)?.As<Pod>();

    public Secret? Secret(string @namespace, string name) => _secrets.Find(@namespace, name)?.As<Secret>();

    public Node? Node(string name) => _nodes.Find("", name)?.As<Node>();

    public bool AreAlive(ServiceAccountClaims claims) =>
        IsAlive(_accounts, claims.Namespace, claims.ServiceAccount)
        && (claims.Pod is null || IsAlive(_pods, claims.Namespace, claims.Pod))
        && (claims.Secret is null || IsAlive(_secrets, claims.Namespace, claims.Secret))
        // Where a pod is named too, the node is told for information only.
        && (claims.Node is null || claims.Pod is not null || IsAlive(_nodes, "", claims.Node));

    private bool IsAlive(IObjectFeed feed, string @namespace, ClaimedObject claimed) =>
        feed.Find(@namespace, claimed.Name) is { } item && item.Header.Uid == claimed.Uid && (!item.Header.IsDeleting || !IsPastLeeway(item));

    private bool IsPastLeeway(EncodedObject item)
    {
        var reader = new System.Text.Json.Utf8JsonReader(item.Json.Span);
        Api.Json.ModelReader.Begin(ref reader);
        while (Api.Json.ModelReader.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8) && Api.Json.ModelReader.HasValue(ref reader))
            {
                return Api.Meta.V1.ObjectMeta.Read(ref reader).DeletionTimestamp is { } deleted && deleted + Leeway < time.GetUtcNow();
            }
            Api.Json.ModelReader.SkipValue(ref reader);
        }
        return false;
    }
}
