using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Schema.Structural;
using Kybernet.Api.Selectors;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Resources.Extensions;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>What is wrong with a definition, in upstream's words.</summary>
internal static class DefinitionRules
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");
    private static readonly FieldPath Names = Spec.Child("names");
    private static readonly FieldPath Versions = Spec.Child("versions");

    /// <summary>Judges a definition.</summary>
    public static void Validate(CustomResourceDefinition definition, FieldErrors errors)
    {
        var spec = definition.Spec;
        if (definition.Metadata.Name != $"{spec.Names.Plural}.{spec.Group}")
        {
            errors.Invalid(FieldPath.Of("metadata").Child("name"), definition.Metadata.Name, "must be spec.names.plural+\".\"+spec.group");
        }
        if (DefinitionTypes.IsProtected(spec.Group) && !definition.Metadata.Annotations.ContainsKey(DefinitionTypes.ApprovalAnnotation))
        {
            errors.Required(
                FieldPath.Of("metadata").Child("annotations").Key(DefinitionTypes.ApprovalAnnotation),
                $"protected groups must have approval annotation \"{DefinitionTypes.ApprovalAnnotation}\", see https://github.com/kubernetes/enhancements/pull/1111");
        }
        Group(spec.Group, errors);
        Scope(spec.Scope, errors);
        AllNames(spec.Names, errors);
        AllVersions(spec, errors);
        Conversion(spec.Conversion, errors);
        if (spec.PreserveUnknownFields == true)
        {
            errors.Invalid(Spec.Child("preserveUnknownFields"), true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
        ValidateStoredVersions(definition, errors);
    }

    /// <summary>Judges a change.</summary>
    public static void ValidateChange(CustomResourceDefinition definition, CustomResourceDefinition previous, FieldErrors errors)
    {
        Unchanged(definition.Spec.Group, previous.Spec.Group, Spec.Child("group"), errors);
        Unchanged(definition.Spec.Names.Plural, previous.Spec.Names.Plural, Names.Child("plural"), errors);
        if (previous.Is(DefinitionTypes.Established))
        {
            Unchanged(definition.Spec.Scope, previous.Spec.Scope, Spec.Child("scope"), errors);
            Unchanged(definition.Spec.Names.Kind, previous.Spec.Names.Kind, Names.Child("kind"), errors);
        }
    }

    /// <summary>Judges which versions objects may be stored in.</summary>
    public static void ValidateStoredVersions(CustomResourceDefinition definition, FieldErrors errors)
    {
        var stored = definition.Status.StoredVersions;
        var path = FieldPath.Of("status").Child("storedVersions");
        if (stored.Count == 0)
        {
            errors.Invalid(path, stored, "must have at least one stored version");
        }
        for (var i = 0; i < stored.Count; i++)
        {
            if (!definition.Spec.Versions.Any(version => version.Name == stored[i]))
            {
                errors.Invalid(
                    path.Index(i),
                    stored[i],
                    $"missing from spec.versions; {stored[i]} was previously a storage version, and must remain in spec.versions until a storage migration " +
                    $"ensures no data remains persisted in {stored[i]} and removes {stored[i]} from status.storedVersions");
            }
        }
        if (definition.Spec.Versions.FirstOrDefault(static version => version.Storage) is { } storage && stored.Count > 0 && !stored.Contains(storage.Name))
        {
            errors.Invalid(path, stored, $"must have the storage version {storage.Name}");
        }
    }

    private static void Unchanged(string value, string previous, FieldPath path, FieldErrors errors)
    {
        if (value != previous)
        {
            errors.Invalid(path, value, FieldRules.Immutable);
        }
    }

    private static void Group(string group, FieldErrors errors)
    {
        var path = Spec.Child("group");
        if (group.Length == 0)
        {
            errors.Required(path);
        }
        else if (NameRules.Subdomain(group) is { Count: > 0 } problems)
        {
            errors.Invalid(path, group, string.Join(',', problems));
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid(path, group, "should be a domain with at least one dot");
        }
    }

    private static void Scope(string scope, FieldErrors errors)
    {
        if (scope.Length == 0)
        {
            errors.Required(Spec.Child("scope"));
        }
        else if (scope is not (DefinitionTypes.Cluster or DefinitionTypes.Namespaced))
        {
            errors.NotSupported(Spec.Child("scope"), scope, [DefinitionTypes.Cluster, DefinitionTypes.Namespaced]);
        }
    }

    private static void AllNames(CustomResourceDefinitionNames names, FieldErrors errors)
    {
        Label(names.Plural, Names.Child("plural"), errors);
        Label(names.Singular ?? "", Names.Child("singular"), errors);
        Label(names.Kind.ToLowerInvariant(), Names.Child("kind"), errors, names.Kind);
        Label((names.ListKind ?? "").ToLowerInvariant(), Names.Child("listKind"), errors, names.ListKind ?? "");
        for (var i = 0; i < names.ShortNames.Count; i++)
        {
            Label(names.ShortNames[i], Names.Child("shortNames").Index(i), errors);
        }
        for (var i = 0; i < names.Categories.Count; i++)
        {
            Label(names.Categories[i], Names.Child("categories").Index(i), errors);
        }
        if (names.Kind.Length > 0 && names.Kind == names.ListKind)
        {
            errors.Invalid(Names.Child("listKind"), names.ListKind, "kind and listKind may not be the same");
        }
    }

    private static void Label(string name, FieldPath path, FieldErrors errors, string? written = null)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
        }
        else if (NameRules.Label1035(name) is { Count: > 0 } problems)
        {
            errors.Invalid(path, written ?? name, string.Join(',', problems));
        }
    }

    private static void AllVersions(CustomResourceDefinitionSpec spec, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var stored = 0;
        for (var i = 0; i < spec.Versions.Count; i++)
        {
            var version = spec.Versions[i];
            var path = Versions.Index(i);
            if (NameRules.Label1035(version.Name) is { Count: > 0 } problems)
            {
                errors.Invalid(path.Child("name"), version.Name, string.Join(',', problems));
            }
            if (!seen.Add(version.Name))
            {
                errors.Invalid(Versions, "", "must contain unique version names");
            }
            stored += version.Storage ? 1 : 0;
            OneVersion(version, path, errors);
        }
        if (stored != 1)
        {
            errors.Invalid(Versions, "", "must have exactly one version marked as storage version");
        }
    }

    private static void OneVersion(CustomResourceDefinitionVersion version, FieldPath path, FieldErrors errors)
    {
        if (version.Schema?.OpenAPIV3Schema is not { } schema)
        {
            errors.Required(path.Child("schema").Child("openAPIV3Schema"), "schemas are required");
        }
        else
        {
            StructuralRules.Validate(schema, path.Child("schema").Child("openAPIV3Schema"), errors);
        }
        if (version.DeprecationWarning is not null && version.Deprecated != true)
        {
            errors.Invalid(path.Child("deprecationWarning"), version.DeprecationWarning, "can only be set for deprecated versions");
        }
        Columns(version.AdditionalPrinterColumns, path.Child("additionalPrinterColumns"), errors);
        if (version.Subresources?.Scale is { } scale)
        {
            Scale(scale, path.Child("subresources").Child("scale"), errors);
        }
        for (var i = 0; i < version.SelectableFields.Count; i++)
        {
            Path(version.SelectableFields[i].JsonPath, path.Child("selectableFields").Index(i).Child("jsonPath"), errors);
        }
    }

    private static void Columns(IReadOnlyList<CustomResourceColumnDefinition> columns, FieldPath path, FieldErrors errors)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            if (column.Name.Length == 0)
            {
                errors.Required(path.Index(i).Child("name"));
            }
            if (column.Type is not ("integer" or "number" or "string" or "boolean" or "date"))
            {
                errors.Invalid(path.Index(i).Child("type"), column.Type, "must be one of boolean,date,integer,number,string");
            }
            Path(column.JsonPath, path.Index(i).Child("jsonPath"), errors);
        }
    }

    private static void Path(string text, FieldPath path, FieldErrors errors)
    {
        if (text.Length == 0)
        {
            errors.Required(path);
            return;
        }
        try
        {
            JsonPath.Parse(text);
        }
        catch (FormatException exception)
        {
            errors.Invalid(path, text, $"is an invalid path: {exception.Message}");
        }
    }

    private static void Scale(CustomResourceSubresourceScale scale, FieldPath path, FieldErrors errors)
    {
        ScalePath(scale.SpecReplicasPath, ".spec.", required: true, path.Child("specReplicasPath"), errors);
        ScalePath(scale.StatusReplicasPath, ".status.", required: true, path.Child("statusReplicasPath"), errors);
        if (scale.LabelSelectorPath is { Length: > 0 } selector && !selector.StartsWith(".spec.", StringComparison.Ordinal))
        {
            ScalePath(selector, ".status.", required: false, path.Child("labelSelectorPath"), errors);
        }
    }

    private static void ScalePath(string text, string prefix, bool required, FieldPath path, FieldErrors errors)
    {
        if (text.Length == 0)
        {
            if (required)
            {
                errors.Required(path);
            }
        }
        else if (JsonPath.Names(text) is null)
        {
            errors.Invalid(path, text, "should be a json path without array notation");
        }
        else if (!text.StartsWith(prefix, StringComparison.Ordinal))
        {
            errors.Invalid(path, text, $"should be a json path under {prefix.TrimEnd('.')}");
        }
    }

    private static void Conversion(CustomResourceConversion? conversion, FieldErrors errors)
    {
        var path = Spec.Child("conversion");
        if (conversion is null)
        {
            return;
        }
        errors.OneOf(conversion.Strategy, Spec, "conversion.strategy", [DefinitionTypes.NoConversion, DefinitionTypes.WebhookConversion]);
        // Upstream's own names of the fields, which are not those of this version.
        var (client, versions) = (path.Child("webhookClientConfig"), path.Child("conversionReviewVersions"));
        if (conversion.Strategy == DefinitionTypes.WebhookConversion)
        {
            if (conversion.Webhook?.ClientConfig is not { } config)
            {
                errors.Required(client, "required when strategy is set to Webhook");
            }
            else
            {
                var service = config.Service;
                WebhookClientRules.Validate(config.Url, service is null ? null : new(service.Namespace, service.Name, service.Port, service.Path), client, errors);
            }
            WebhookClientRules.Versions(conversion.Webhook?.ConversionReviewVersions ?? [], versions, errors, "");
        }
        else if (conversion.Webhook is { } webhook)
        {
            if (webhook.ClientConfig is not null)
            {
                errors.Forbidden(client, "should not be set when strategy is not set to Webhook");
            }
            if (webhook.ConversionReviewVersions.Count > 0)
            {
                errors.Forbidden(versions, "should not be set when strategy is not set to Webhook");
            }
        }
    }
}
