using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>ConfigMaps: keys are file names, the data fits into a mebibyte, and what is said to be immutable stays so.</summary>
internal sealed class ConfigMapStrategy : DefaultStrategy
{
    private const int MaxBytes = 1024 * 1024;

    private static readonly FieldPath Data = FieldPath.Of("data");
    private static readonly FieldPath BinaryData = FieldPath.Of("binaryData");

    public override bool HasGeneration => false;

    public override TableDefinition Table { get; } = TableBuilder.For<ConfigMap>()
        .Name()
        .Count("Data", "Number of keys in data and binaryData.", static item => item.Data.Count + item.BinaryData.Count)
        .Age()
        .Build();

    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => Validate(item.As<ConfigMap>(), errors);

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var map = item.As<ConfigMap>();
        var old = previous.As<ConfigMap>();
        if (old.Immutable == true)
        {
            if (map.Immutable != true)
            {
                errors.Forbidden(FieldPath.Of("immutable"), "field is immutable when `immutable` is set");
            }
            if (!Maps.Same(map.Data, old.Data))
            {
                errors.Forbidden(Data, "field is immutable when `immutable` is set");
            }
            if (!Maps.Same(map.BinaryData, old.BinaryData))
            {
                errors.Forbidden(BinaryData, "field is immutable when `immutable` is set");
            }
        }
        Validate(map, errors);
    }

    private static void Validate(ConfigMap map, FieldErrors errors)
    {
        long total = 0;
        foreach (var (key, value) in map.Data)
        {
            ConfigKeys.Validate(key, Data, errors);
            if (map.BinaryData.ContainsKey(key))
            {
                errors.Invalid(Data.Key(key), key, "duplicate of key present in binaryData");
            }
            total += System.Text.Encoding.UTF8.GetByteCount(value);
        }
        foreach (var (key, value) in map.BinaryData)
        {
            ConfigKeys.Validate(key, BinaryData, errors);
            total += value.Length;
        }
        if (total > MaxBytes)
        {
            errors.TooLong(FieldPath.Of("[]"), MaxBytes);
        }
    }
}
