using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Audit.Backends;
using Kybernet.ApiServer.Audit.Policy;
using Kybernet.Client;

namespace Kybernet.ApiServer.Audit;

/// <summary>Which requests are recorded, and where.</summary>
public sealed record AuditOptions
{
    /// <summary>Which; null for none.</summary>
    internal AuditPolicy? Policy { get; init; }

    /// <summary>The file that events are written to.</summary>
    internal AuditLogOptions Log { get; init; } = new();

    /// <summary>The webhook that events are sent to.</summary>
    internal AuditWebhookOptions Webhook { get; init; } = new();

    /// <summary>The same, with the policy of a file.</summary>
    /// <exception cref="ConfigurationException">There is none in it.</exception>
    internal AuditOptions WithPolicy(string path) => this with { Policy = AuditPolicyReader.Read(ConfigurationFile.Read(path)) };

    /// <summary>The same, with a webhook that is reached as a kubeconfig says.</summary>
    /// <exception cref="ConfigurationException">It is no kubeconfig.</exception>
    internal AuditOptions WithWebhook(string kubeconfig)
    {
        try
        {
            return this with { Webhook = Webhook with { Connection = Kubeconfig.Load(kubeconfig).Connection() } };
        }
        catch (KubeconfigException exception)
        {
            throw new ConfigurationException(exception.Message, exception);
        }
    }
}
