"""The accounts that the bulk benchmarks upload: 10 columns, about 190 bytes a row."""


def accounts(count):
    return [
        {
            "Name": f"Łódź Logistics Sp. z o.o. {number}",
            "External_Id__c": f"erp-{number:07}",
            "Phone": f"+49 89 {number:07}",
            "Website": f"https://www.example-{number}.com/über-uns",
            "Industry": "Transportation",
            "BillingStreet": f"{number % 400} Lindenstraße",
            "BillingCity": "München",
            "BillingCountry": "Germany",
            "NumberOfEmployees": str(number % 50_000),
            "Description": 'Asked for "net 60" terms; renewal is due in Q3.',
        }
        for number in range(count)
    ]
