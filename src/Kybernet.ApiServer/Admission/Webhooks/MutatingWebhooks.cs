using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Admission.Webhooks;

/// <summary>Lets webhooks change objects, one after the other; those that want to are asked once more where a later one changed what they saw.</summary>
internal sealed class MutatingWebhooks(IObjectFeeds feeds, WebhookDispatcher dispatcher) : AdmissionPlugin, IDisposable
{
    private readonly WebhookFeed _feed = new(
        feeds, "mutatingwebhookconfigurations", static item => item.As<MutatingWebhookConfiguration>().Webhooks.Select(AdmissionWebhook.Of));

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        WebhookDispatcher.MayBeAbout(_feed.Current, operation, resource, subresource);

    /// <inheritdoc/>
    public override async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        var hooks = _feed.Current;
        var lastChange = -1;
        for (var i = 0; i < hooks.Length; i++)
        {
            if (await ChangeAsync(hooks[i], request, cancellationToken))
            {
                lastChange = i;
            }
        }
        for (var i = 0; i < lastChange; i++)
        {
            if (hooks[i].IsRepeatable)
            {
                await ChangeAsync(hooks[i], request, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _feed.Dispose();

    private async ValueTask<bool> ChangeAsync(AdmissionWebhook hook, AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (!dispatcher.IsToBeAsked(hook, request)
            || await dispatcher.AskAsync(hook, request, mayChange: true, cancellationToken) is not { } changed
            || request.Object is not { } item
            || JsonNode.DeepEquals(item, changed))
        {
            return false;
        }
        JsonValues.Replace(item, changed);
        request.IsChanged = true;
        return true;
    }
}
