using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>Secrets: what is given as text becomes data, a type asks for its keys, and what is said to be immutable stays so.</summary>
internal sealed class SecretStrategy : DefaultStrategy
{
    private const int MaxBytes = 1024 * 1024;
    private static readonly FieldPath Data = FieldPath.Of("data");

    public override IReadOnlyList<string> SelectableFields { get; } = ["type"];

    public override bool HasGeneration => false;

    public override TableDefinition Table { get; } = TableBuilder.For<Secret>()
        .Name()
        .Text("Type", "What the secret is for.", static item => item.Type)
        .Count("Data", "Number of keys.", static item => item.Data.Count)
        .Age()
        .Build();

    public override void Default(JsonObject item)
    {
        item.Fill("type", "Opaque");
        if (item.Object("stringData") is { } texts)
        {
            var data = texts.Count > 0 ? item.EnsureObject("data") : null;
            foreach (var (key, value) in texts)
            {
                if (value is JsonValue text && text.TryGetValue<string>(out var content))
                {
                    data![key] = JsonValue.Create(Convert.ToBase64String(Encoding.UTF8.GetBytes(content)));
                }
            }
        }
        item.Remove("stringData");
    }

    public override void PrepareForUpdate(JsonObject item, JsonObject previous, WriteContext context)
    {
        // A client that leaves the type out means the one that is there.
        if (item.Lacks("type") || (item.Text("type") == "Opaque" && previous.Lacks("type")))
        {
            item.Restore(previous, "type");
        }
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => Validate(item.As<Secret>(), errors);

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (secret, old) = (item.As<Secret>(), previous.As<Secret>());
        if (secret.Type != old.Type)
        {
            errors.Invalid(FieldPath.Of("type"), secret.Type, FieldRules.Immutable);
        }
        if (old.Immutable == true)
        {
            if (secret.Immutable != true)
            {
                errors.Forbidden(FieldPath.Of("immutable"), "field is immutable when `immutable` is set");
            }
            if (!Maps.Same(secret.Data, old.Data))
            {
                errors.Forbidden(Data, "field is immutable when `immutable` is set");
            }
        }
        Validate(secret, errors);
    }

    public override string? SelectableField(EncodedObject item, string field) => field == "type" ? item.As<Secret>().Type ?? "" : null;

    private static void Validate(Secret secret, FieldErrors errors)
    {
        long total = 0;
        foreach (var (key, value) in secret.Data)
        {
            ConfigKeys.Validate(key, Data, errors);
            total += value.Length;
        }
        if (total > MaxBytes)
        {
            errors.TooLong(Data, MaxBytes);
        }
        switch (secret.Type)
        {
            case "kubernetes.io/service-account-token":
                if (!secret.Metadata.Annotations.TryGetValue("kubernetes.io/service-account.name", out var account) || account.Length == 0)
                {
                    errors.Required(FieldPath.Of("metadata").Child("annotations").Key("kubernetes.io/service-account.name"));
                }
                break;
            case "kubernetes.io/dockercfg":
                Json(secret, ".dockercfg", errors);
                break;
            case "kubernetes.io/dockerconfigjson":
                Json(secret, ".dockerconfigjson", errors);
                break;
            case "kubernetes.io/basic-auth":
                if (!secret.Data.ContainsKey("username") && !secret.Data.ContainsKey("password"))
                {
                    errors.Required(Data.Key("username"));
                    errors.Required(Data.Key("password"));
                }
                break;
            case "kubernetes.io/ssh-auth":
                if (!secret.Data.TryGetValue("ssh-privatekey", out var key) || key.IsEmpty)
                {
                    errors.Required(Data.Key("ssh-privatekey"));
                }
                break;
            case "kubernetes.io/tls":
                Needs(secret, "tls.crt", errors);
                Needs(secret, "tls.key", errors);
                break;
        }
    }

    private static bool Needs(Secret secret, string key, FieldErrors errors)
    {
        if (secret.Data.ContainsKey(key))
        {
            return true;
        }
        errors.Required(Data.Key(key));
        return false;
    }

    private static void Json(Secret secret, string key, FieldErrors errors)
    {
        if (!Needs(secret, key, errors))
        {
            return;
        }
        var problem = JsonProblem(secret.Data[key].Span);
        if (problem is not null)
        {
            // The content is a secret even where it is malformed.
            errors.Invalid(Data.Key(key), "<secret contents redacted>", problem);
        }
    }

    private static string? JsonProblem(ReadOnlySpan<byte> content)
    {
        try
        {
            var reader = new Utf8JsonReader(content);
            if (!reader.Read())
            {
                return "unexpected end of JSON input";
            }
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return "json: cannot unmarshal into a map";
            }
            while (reader.Read())
            {
            }
            return null;
        }
        catch (JsonException)
        {
            return content.IsEmpty ? "unexpected end of JSON input" : "invalid character in JSON input";
        }
    }
}
