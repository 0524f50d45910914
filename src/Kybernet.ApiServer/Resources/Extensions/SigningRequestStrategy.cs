using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Certificates.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Authentication;

namespace Kybernet.ApiServer.Resources.Extensions;

/// <summary>CertificateSigningRequests: who asks is who is authenticated, and only approval and signing change them.</summary>
internal sealed class SigningRequestStrategy : DefaultStrategy
{
    public override IReadOnlyList<string> SelectableFields { get; } = ["spec.signerName"];

    public override bool HasGeneration => false;

    public override TableDefinition Table => ExtensionTables.SigningRequests;

    /// <summary>A request is made in the name of its maker, whatever it says.</summary>
    public override void PrepareForCreate(JsonObject item, WriteContext context)
    {
        var spec = item.EnsureObject("spec");
        var user = context.User;
        SetOrRemove(spec, "username", user.Name.Length > 0 ? JsonValue.Create(user.Name) : null);
        SetOrRemove(spec, "uid", user.Uid.Length > 0 ? JsonValue.Create(user.Uid) : null);
        SetOrRemove(spec, "groups", user.Groups.Count > 0 ? ListOf(user.Groups) : null);
        SetOrRemove(spec, "extra", user.Extra.Count > 0 ? ExtraOf(user) : null);
    }

    public override void PrepareForUpdate(JsonObject item, JsonObject previous, WriteContext context) => item.Restore(previous, "spec");

    /// <summary>Approval changes the conditions; the certificate is the signer's.</summary>
    public override void PrepareForSubresourceUpdate(string subresource, JsonObject item, JsonObject previous, WriteContext context)
    {
        var conditions = item.Object("status")?["conditions"]?.DeepClone();
        item.Restore(previous, "spec");
        item.Restore(previous, "status");
        item.EnsureObject("status")["conditions"] = conditions;
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<CertificateSigningRequest>().Spec;
        var path = FieldPath.Of("spec");
        if (spec.Usages.Count == 0)
        {
            errors.Required(path.Child("usages"));
        }
        if (spec.Request.IsEmpty)
        {
            errors.Required(path.Child("request"));
        }
        if (errors.Needs(spec.SignerName, path, "signerName") && !spec.SignerName.Contains('/'))
        {
            errors.Invalid(path.Child("signerName"), spec.SignerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
        }
        if (spec.ExpirationSeconds is < 600)
        {
            errors.Invalid(path.Child("expirationSeconds"), spec.ExpirationSeconds, "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    public override string? SelectableField(EncodedObject item, string field) =>
        field == "spec.signerName" ? item.As<CertificateSigningRequest>().Spec.SignerName : null;

    private static void SetOrRemove(JsonObject spec, string field, JsonNode? value)
    {
        spec.Remove(field);
        if (value is not null)
        {
            spec[field] = value;
        }
    }

    private static JsonArray ListOf(IReadOnlyList<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]);

    private static JsonObject ExtraOf(UserInfo user) =>
        new(user.Extra.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, ListOf(entry.Value))));
}
