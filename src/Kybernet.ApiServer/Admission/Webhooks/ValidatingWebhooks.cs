using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Admission.Webhooks;

/// <summary>Has webhooks judge requests: all at once, as none sees what another does.</summary>
internal sealed class ValidatingWebhooks(IObjectFeeds feeds, WebhookDispatcher dispatcher) : AdmissionPlugin, IDisposable
{
    private readonly WebhookFeed _feed = new(
        feeds, "validatingwebhookconfigurations", static item => item.As<ValidatingWebhookConfiguration>().Webhooks.Select(AdmissionWebhook.Of));

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        WebhookDispatcher.MayBeAbout(_feed.Current, operation, resource, subresource);

    /// <inheritdoc/>
    public override async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        var asked = _feed.Current.Where(hook => dispatcher.IsToBeAsked(hook, request)).ToArray();
        // Each gets a list of warnings of its own: lists are not for several threads.
        var questions = asked.Select(hook => request with { Warnings = [] }).ToArray();
        var answers = Task.WhenAll(asked.Select((hook, i) => dispatcher.AskAsync(hook, questions[i], mayChange: false, cancellationToken)));
        try
        {
            await answers;
        }
        finally
        {
            request.Warnings.AddRange(questions.SelectMany(static question => question.Warnings));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _feed.Dispose();
}
