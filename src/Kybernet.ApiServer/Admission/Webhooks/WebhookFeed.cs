using Kybernet.Api;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Admission.Webhooks;

/// <summary>Follows the configurations of one kind, and knows their webhooks: by the configurations' names, and in their order within one.</summary>
internal sealed class WebhookFeed : IObjectObserver, IDisposable
{
    private readonly Func<EncodedObject, IEnumerable<AdmissionWebhook>> _webhooks;
    private readonly SortedDictionary<string, AdmissionWebhook[]> _configurations = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly IDisposable _subscription;
    private volatile AdmissionWebhook[] _current = [];

    /// <param name="feeds">Where the objects are.</param>
    /// <param name="resource">The configurations' resource.</param>
    /// <param name="webhooks">The webhooks of one.</param>
    public WebhookFeed(IObjectFeeds feeds, string resource, Func<EncodedObject, IEnumerable<AdmissionWebhook>> webhooks)
    {
        _webhooks = webhooks;
        _subscription = feeds.Of(new GroupResource(WebhookDispatcher.Group, resource)).Subscribe(this);
    }

    /// <summary>The webhooks as they are now.</summary>
    public AdmissionWebhook[] Current => _current;

    /// <inheritdoc/>
    public void OnChanged(EncodedObject item)
    {
        lock (_gate)
        {
            _configurations[item.Key.Name] = [.. _webhooks(item)];
            _current = [.. _configurations.Values.SelectMany(static hooks => hooks)];
        }
    }

    /// <inheritdoc/>
    public void OnDeleted(EncodedObject item)
    {
        lock (_gate)
        {
            _configurations.Remove(item.Key.Name);
            _current = [.. _configurations.Values.SelectMany(static hooks => hooks)];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();
}
