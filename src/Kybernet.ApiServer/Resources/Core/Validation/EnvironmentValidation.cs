using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The variables of a container: literal, or from one source each.</summary>
internal static class EnvironmentValidation
{
    /// <summary>Says what is wrong with the variables.</summary>
    public static void Variables(IReadOnlyList<EnvVar> variables, FieldPath container, FieldErrors errors)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            var variable = variables[i];
            var isNameRight = variable.Name.Length > 0 && NameRules.EnvironmentName(variable.Name).Count == 0;
            if (isNameRight && variable.ValueFrom is null)
            {
                continue;
            }
            var path = container.Child("env").Index(i);
            if (errors.Needs(variable.Name, path, "name"))
            {
                errors.Name(variable.Name, path, "name", NameRules.EnvironmentName);
            }
            if (variable.ValueFrom is not null)
            {
                Source(variable, variable.ValueFrom, path.Child("valueFrom"), errors);
            }
        }
    }

    /// <summary>Says what is wrong with the maps that variables are drawn from.</summary>
    public static void Maps(IReadOnlyList<EnvFromSource> sources, FieldPath container, FieldErrors errors)
    {
        for (var i = 0; i < sources.Count; i++)
        {
            var source = sources[i];
            var path = container.Child("envFrom").Index(i);
            errors.Name(source.Prefix, path, "prefix", NameRules.EnvironmentName);
            var count = 0;
            if (source.ConfigMapRef is { } configMap)
            {
                count++;
                MapName(configMap.Name, path.Child("configMapRef"), errors);
            }
            if (source.SecretRef is { } secret)
            {
                count++;
                MapName(secret.Name, path.Child("secretRef"), errors);
            }
            if (count == 0)
            {
                errors.Invalid(container.Child("envFrom"), "", "must specify one of: `configMapRef` or `secretRef`");
            }
            else if (count > 1)
            {
                errors.Invalid(container.Child("envFrom"), "", "may not have more than one field specified at a time");
            }
        }
    }

    private static void MapName(string? name, FieldPath path, FieldErrors errors)
    {
        if (errors.Needs(name, path, "name"))
        {
            errors.Name(name, path, "name", NameRules.Subdomain);
        }
    }

    private static void Source(EnvVar variable, EnvVarSource source, FieldPath path, FieldErrors errors)
    {
        var count = 0;
        if (source.FieldRef is { } field)
        {
            count++;
            DownwardReferences.Field(field, DownwardReferences.VariableFields, path.Child("fieldRef"), errors);
        }
        if (source.ResourceFieldRef is { } resource)
        {
            count++;
            DownwardReferences.Resource(resource, path.Child("resourceFieldRef"), errors, inVolume: false);
        }
        if (source.ConfigMapKeyRef is { } configMap)
        {
            count++;
            Key(configMap.Name, configMap.Key, path.Child("configMapKeyRef"), errors);
        }
        if (source.SecretKeyRef is { } secret)
        {
            count++;
            Key(secret.Name, secret.Key, path.Child("secretKeyRef"), errors);
        }
        if (source.FileKeyRef is { } file)
        {
            count++;
            FileKey(file, path.Child("fileKeyRef"), errors);
        }
        if (count == 0)
        {
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        }
        else if (!string.IsNullOrEmpty(variable.Value))
        {
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        }
        else if (count > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    private static void Key(string? name, string key, FieldPath path, FieldErrors errors)
    {
        errors.Invalid(path.Child("name"), name ?? "", NameRules.Subdomain(name ?? ""));
        if (errors.Needs(key, path, "key"))
        {
            ConfigKeys.ValidateReference(key, path.Child("key"), errors);
        }
    }

    private static void FileKey(FileKeySelector reference, FieldPath path, FieldErrors errors)
    {
        if (errors.Needs(reference.Key, path, "key"))
        {
            errors.Name(reference.Key, path, "key", NameRules.EnvironmentName);
        }
        errors.Needs(reference.VolumeName, path, "volumeName");
        if (errors.Needs(reference.Path, path, "path"))
        {
            PathRules.NonReserved(reference.Path, path.Child("path"), errors);
        }
    }
}
