namespace Kybernet.ApiServer.Webhooks;

/// <summary>A webhook could not be asked, or gave no answer that can be understood.</summary>
internal sealed class WebhookException(string message, Exception? cause = null) : Exception(message, cause);
