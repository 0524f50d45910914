using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>What a taint does to pods that do not tolerate it.</summary>
internal enum TaintEffect : byte
{
    Unknown,
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

/// <summary>A node's taint, compiled to numbers.</summary>
internal readonly record struct TaintFacts(int Key, int Value, TaintEffect Effect)
{
    public static TaintFacts Of(Taint taint, Interner interner) => new(interner.Intern(taint.Key), interner.Intern(taint.Value ?? ""), EffectOf(taint.Effect));

    public static TaintEffect EffectOf(string? effect) => effect switch
    {
        "NoSchedule" => TaintEffect.NoSchedule,
        "PreferNoSchedule" => TaintEffect.PreferNoSchedule,
        "NoExecute" => TaintEffect.NoExecute,
        _ => TaintEffect.Unknown,
    };
}

/// <summary>A pod's toleration, compiled to numbers.</summary>
internal readonly struct TolerationFacts
{
    private enum Operator : byte
    {
        Equal,
        Exists,
        Gt,
        Lt,
        Never,
    }

    private readonly int _key;
    private readonly int _value;
    private readonly Operator _operator;
    private readonly bool _anyEffect;
    private readonly TaintEffect _effect;

    public TolerationFacts(Toleration toleration, Interner interner)
    {
        _key = interner.Intern(toleration.Key ?? "");
        _value = interner.Intern(toleration.Value ?? "");
        _anyEffect = string.IsNullOrEmpty(toleration.Effect);
        _effect = TaintFacts.EffectOf(toleration.Effect);
        _operator = toleration.Operator switch
        {
            null or "" or "Equal" => Operator.Equal,
            "Exists" => Operator.Exists,
            "Gt" => Operator.Gt,
            "Lt" => Operator.Lt,
            _ => Operator.Never,
        };
    }

    /// <summary>Whether it says something about a preference, which scoring is about.</summary>
    public bool ConcernsPreference => _anyEffect || _effect == TaintEffect.PreferNoSchedule;

    public bool Tolerates(TaintFacts taint, Interner interner)
    {
        if ((!_anyEffect && _effect != taint.Effect) || (_key != Interner.Empty && _key != taint.Key))
        {
            return false;
        }
        return _operator switch
        {
            Operator.Exists => true,
            Operator.Equal => _value == taint.Value,
            Operator.Gt => Compare(taint, interner) > 0,
            Operator.Lt => Compare(taint, interner) < 0,
            _ => false,
        };
    }

    // Of two values that are not both numbers, neither is greater.
    private int Compare(TaintFacts taint, Interner interner) =>
        long.TryParse(interner.Text(taint.Value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && long.TryParse(interner.Text(_value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : 0;
}
